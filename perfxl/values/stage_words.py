"""Words by which an actual says less than its target in words: a lower rank, an earlier stage, fewer times. Data for `stages`.

All in the spelling of `numerals.normalised`, lower case, separated by blanks.
"""

from __future__ import annotations

GRADES = """
优秀 优 优等 | 良好 良 良等 | 中等 中 | 合格 及格 一般 | 不合格 差 较差
特等奖 | 一等奖 金奖 | 二等奖 银奖 | 三等奖 铜奖 | 优秀奖 优胜奖 鼓励奖 入围奖 提名奖
特级 | 一级 甲级 | 二级 乙级 | 三级 丙级 | 四级 丁级 | 五级
一类 i类 甲类 | 二类 ii类 乙类 | 三类 iii类 丙类 | 四类 iv类 丁类 | 五类 v类 | 劣五类 劣v类
a级 a等 | b级 b等 | c级 c等 | d级 d等
aaaaa | aaaa | aaa | aa | a
5a | 4a | 3a | 2a | 1a
五星 | 四星 | 三星 | 二星 | 一星
第一 首位 榜首 | 第二 | 第三 | 第四 | 第五 | 第六 | 第七 | 第八 | 第九 | 第十
国家级 | 省级 自治区级 | 市级 地市级 | 县级 区级 县区级 | 乡级 乡镇级 镇级
国际先进 国际领先 | 国内领先 | 国内先进 | 省内领先 | 省内先进
"""
"""Ranks, a line for each scale, the best first. Between bars what says the same."""

ONLY_ALONE = "优 良 中 差 一般 合格 及格 a 优秀 良好"
"""Of these the ones that are a rank only where they are all a cell says, with one of `RANK_ENDS` or not."""
RANK_ENDS = "等次 等级 档次 档 级 评级 以上 及以上 以上等次 及以上等次 以上等级 及以上等级 信用等级 水平"
RANK_HEADS = "达到 达 获 获得 取得 评为 被评为 评定为 考核 考核为 为 评级 被评定为 评价为 保持"

BETTER_HIGH = "医院 等保 养老 等级保护 护理 妇幼 保健院 安全保护 工伤"
"""In target or name: a third 级 is above a second one."""

STAGES = """
通过验收 验收通过 通过评审 通过评估 通过认证 通过审核 通过审查 通过考核 通过鉴定 通过检查 通过复核 通过审计 通过年检 | 通过 合格 获得 获评 颁发 \
授牌 取得 命名 | 申请 申报 组织 提请 报请 提交 送审 受理 准备 筹备 迎检 自查 初评 开展
验收 竣工验收 完成验收 | 验收 合格 投入使用 交付 投用 | 竣工 完工 建成 建设 施工 开工 招标 试运行 安装 设计 采购 到货
上线运行 投入使用 正式运行 正式运营 投用 投产 启用 交付使用 通车 正式上线 正式开放 | 使用 投用 启用 运行 运营 开放 开馆 投产 通车 交付 | 试运行 试用 \
试运营 试点 调试 测试 建成 竣工 完工 安装 开工 施工 建设
印发 颁布 公布 公开发布 发布 | 印发 颁布 出台 公布 发布 实施 施行 执行 下发 公开 刊发 | 起草 草拟 拟定 制定 编制 修订 征求意见 报审 送审 研究 \
论证 调研
批复 获批 批准 审批通过 | 批 立项 通过 | 上报 申报 报送 提交 送审 编制 请示 申请 受理
完成建设 建成 竣工 完工 建设完成 | 建成 竣工 完工 完成 投入使用 投用 交付 验收 落成 通车 启用 开放 运行 运营 | 招标 施工 开工 立项 设计 征地 \
可研 前期工作 审批 采购 奠基
完成招标 招标完成 完成采购 完成政府采购 完成招投标 | 中标 成交 合同 完成 到货 供货 购置 | 公告 挂网 招标文件 论证 需求 询价 开标
完成整改 整改到位 整改完成 完成问题整改 | 到位 完成 销号 办结 清零 完毕 全部 解决 | 启动 部署 研究 制定 督促 下发 排查
销号 | 销号 清零 验收 摘牌 完成 | 整改 治理 整治
出版 正式出版 | 出版 发行 | 定稿 初稿 清样 样稿 送审 校对
形成 | 定稿 终稿 出版 发行 发表 印发 验收 正式 | 初稿 草稿 提纲 大纲 清样 样稿 样书 征求意见稿 送审稿 讨论稿
制定 | 制定 出台 印发 形成 修订 完成 | 起草 草拟 拟定 酝酿
建立制度 建立机制 建立健全制度 制定制度 完善制度 完善机制 健全制度 健全机制 建立长效机制 | 建立 健全 完善 制定 出台 印发 形成 修订 建成 | 拟定 \
起草 草拟 研究 酝酿 论证 调研 讨论 征求意见
消除 清除 杜绝 | 杜绝 消除 清除 整改 治理 解决 清零 排除 未 无 零 没有 | 排查 减轻 缓解 减少 发现 登记
根治 彻底解决 彻底消除 | 根治 彻底 消除 | 缓解 减轻 改善 控制
脱贫 摘帽 全部脱贫 | 脱贫 摘帽 出列 | 帮扶 扶持 走访 建档立卡
签订合同 签约 | 签 落地 开工 | 洽谈 谈判 对接 接洽 意向
开工 动工 | 开工 动工 施工 建设 竣工 建成 | 立项 审批 招标 可研 设计 备案
立项 | 立项 批复 获批 实施 开工 通过 | 申报 申请 论证 储备 谋划
全面覆盖 全覆盖 | 全覆盖 全面覆盖 全部 所有 均 | 重点 局部 部分 试点
全天候 全天 全时 | 全天 全年 每天 24小时 昼夜 | 工作日 工作时间 白天 日间
"""
"""What a target asks for | what proves it | what tells of a stage before it. A cell with one of the last and none of the second falls short."""

TRULY = "及时足额 及时 足额 按时足额 按期足额 按月足额"
"""Before the act of a target: the act alone leaves it open."""
ONLY_BEGUN = "开展 启动 组织 推进 部署 组织开展 启动了 开展了 推进了"
"""Before the act of a target that asks for it 完成: it was begun."""
DONE_WITH = "完成 全面完成 如期完成 按期完成 按时完成"
EVERY = "所有 全部 全体 各 每个"
"""Before a noun of a target: a number of them leaves open whether these are all."""

WHOLE = "全覆盖 全部 所有 均 都 全体"
"""In a cell: these are all."""

TIMES_A_YEAR = {"年": 1.0, "半年": 2.0, "季度": 4.0, "季": 4.0, "月": 12.0, "周": 52.0, "天": 365.0, "日": 365.0}
NUMERALS = {"一": 1, "二": 2, "三": 3, "四": 4, "五": 5, "六": 6, "七": 7, "八": 8, "九": 9, "十": 10}
EVERY_SO_MANY = {"每": 1.0, "一": 1.0, "1": 1.0, "两": 2.0, "二": 2.0, "2": 2.0, "三": 3.0, "3": 3.0, "四": 4.0, "4": 4.0, "五": 5.0, "5": 5.0}

WAYS = """
同比 较上年 比上年 较去年 逐年 逐步 逐渐 持续 有所 略有 明显 显著 大幅 大幅度 不断
进一步 稳步 有效 小幅 了 呈 趋势 态势 已 均 整体 总体 继续 连年 连续
"""
"""Around a word of a direction: how, not what."""
UP = """
增加 增长 增多 上升 提高 攀升 反弹 加重 加剧 扩大
升高 抬头 多发 频发 上涨 翻倍 延长 拉长 拉大 变多 变高
"""
DOWN = "降低 减少 下降 减轻 压减 缩小 缩短 收窄 压缩 遏制 削减 消减 减缓 精简 降"
NEVER = "不 未 无 零 没有 杜绝 避免 防止 未曾 严禁 禁止"
HAVING = "有 已 了 存在 曾 出现 确有 仍 仍有"
"""Around what a target wants not to be."""
OFF = "另报 后补 补报 超预算"
"""Whole words of a cell that answer nothing, or the contrary."""
