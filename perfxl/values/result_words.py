"""Words of names that ask for what came of an act, and words that tell of less. Data for `results`.

All in the spelling of `numerals.normalised`, separated by blanks.
"""

from __future__ import annotations

OUTCOMES = """
竣工 完工 落成 | 建成 完成 建设完成 投入使用 投用 启用 交付 移交 验收 通车 投产 运营 开馆 开园
建成 建好 | 竣工 完工 落成 完成 建设完成 新建 改建 扩建 改扩建 新改建 新增 投入使用 投用 启用 交付 移交 验收 通车 投产 运营 开馆 开园 硬化
通过验收 验收合格 验收通过 验收
投入使用 投用 | 启用 运营 运行 开放 开馆 上线 使用 完成
投产 达产 | 量产
通车 贯通 通航
成活 成林
合格 达标 | 优秀 优良 良好 通过 取证 获评 命名 授牌
结业 毕业 结题 结项 | 合格 取证 通过 完成 就业
取证 持证 获证 拿证 领证 | 发证 颁证
就业 上岗 再就业 | 录用 录取 聘用 入职 吸纳 带动 安置 转移
办结 审结 结案 执结 办毕 | 完成 办成
破案 侦破 破获
销号 清零
到货 供货 交货 | 到位 交付 安装 验收 投入使用 配备
成功
通过 | 获批 批准 核准 合格
治愈 康复 好转 | 出院
脱贫
签约 签订 | 落地
落地 | 投产 运营 建成
获奖 荣获 | 获
入库 入统 入规 上规 升规 纳统
入住 | 搬迁 安置
转化 | 应用
采用 采纳 | 刊发 刊登 发表 转发 批示 录用
追回 挽回 收回 | 追缴 收缴
成交 | 销售
"""
"""What a name may ask to have come out (竣工项目数, 成活株数), a line for those that say the same; behind | what proves it too. A verb of none of
these tells of a step before it: 建设10个, 种植5000株."""

REACHED = """
完成 实现 达到 达成 新增 新增加 获得 取得 形成 保持 落实 惠及 受益 享受 共有
"""
"""Verbs that say of an outcome only that it came."""

LAST_ACTS = """
报批 印发 上线 到货 整改 化解 拆除 修复 除险 除险加固 施工 开发 处置 查处 扑救 消除 出清 清收 判决 整治 接种 安置 帮扶 发放 颁证 发证 公布 核准 批复
获批 立项 出圃 还林 劝返 寻回 复工 返岗 抓获 侦破 复产 销毁 退还 搬迁 配送 兑付 扑灭 救治 救助 治理 清理 清运 归集 认定 召回 找回 退费 复耕 巩固
矫正 落户 追缴 追回 挽回 清淤 硬化
"""
"""Acts that others come before, where both stand in a name (矛盾纠纷排查化解件数): the earlier one alone does not answer."""

STAGES = """
受理 登记 排查 摸排 发现 检查 抽查 申报 申请 开工 设计 招标 采购 签约 推荐 报名 培训 考核 抽样 检验 检测 抽检 鉴定 认定 勘察 勘测 测量 起诉 立案
编制 招聘 试验 征集 整理 采种 育苗 研究 普查 答复 走访 调查 调研 审核 审批 审查 评审 评估 研发 创作 制作 预约 咨询 宣传 征地 论证 规划 储备 洽谈
引进 收集 采集 投标 投稿 报送 提交 上报 推送 筛选 筛查 体检 面试 确权 建档 采样 接诊 诊断 起草 谈判 退耕 巡查 监测 防控
"""
"""Acts that come before a result."""

FLAWS = """
火灾 违法 违规 违章 失业 辍学 走失 逾期 隐患 事故 黑臭水体 僵尸企业 闲置 未利用 逃犯 停产 停业 结转 债务 损失 问题 纠纷 投诉 积案 污染 欠薪 拖欠
欠款 刑事案件 故障 损坏 破损 不合格 漏税 涉案 受灾 塌方 积水 撂荒 丢失 死亡 近视 肺结核 感染 失联 吸毒 漏水 未达标 未就业 未脱贫 未安装 未完工 延期
取消 无户口 未参保 未入学 未登记 缺水 断头路 困境 残损 危害 病虫害 盗窃 诈骗 失窃 渗漏 裂缝 超标 拥堵 违建 散乱污 弃婴 流浪 濒危 枯死 倒伏
"""
"""What a name may want ended: alone beside the number it tells how much of it there was. With 脱贫 also 贫困."""

REDUCTIONS = """
减少 降低 压减 压缩 缩短 削减 缩减 节约 节省 节水量 节电量 节能量 减排 化解 挽回 清欠 盘活 去库存
"""
"""A name that begins so asks for how much less: beside its object alone stands the level."""
LESS = """
减 降 压缩 压减 压降 缩短 缩减 节约 节省 节支 节水 节电 节能 少 化解 挽回 追回 清欠 清收 清偿 盘活 消化 去库存 去化 偿还 提前 淘汰 替代
"""
"""One of these in the cell says so."""

ADDITIONS = "新增 净增 增加 提升 提高 增长"
"""A name with one of these at its beginning asks for how much more."""
MORE = "增提升涨新净"
NO_MORE = """
高新 创新 更新 新能源 新型 翻新 改造提升 提升改造
"""
"""Hold one of these signs and do not say so."""
STOCK = "总面积 总长度 总里程 总人数 总页数 总册数 现有 总数 总量 共有 拥有 保有 存量 总额 总计有"
"""Beside the object: the stock."""
GAINS = """
提供 开发 设置
购置 采购 购买 购进 购入 采买 入藏 典藏 收藏 征集 建设 修建 安装 配置 配备 配送 设立 成立 建立 开设 开办 创建 打造 引进 引入 招引 招聘 招录 录用
录取 聘用 招收 招生 招募 安置 就业 转移 吸纳 带动 上岗 培育 培养 发展 认定 获评 种植 栽植 造林 绿化 研发 研制 创作 出版 上线 开通 授权 注册 登记
参保 签约 入库 入统 办理 办证 生产 改造 扩建 改建 投放 采编 接收 受赠 捐赠 落地 投产 达产 孵化 建成 竣工 完工 覆盖 养殖 投资 销售 实现 布设 铺设
架设 硬化 修复 治理 命名 评定
"""
"""Verbs that add: what answers 新增."""

GROUPS = """
职工 员工 学生 家长 患者 婴儿 孕产妇 儿童 老人 老年人 妇女 残疾人 教师 农民 企业 干部 党员 女性 男性 村民 居民 游客 职工家属 商户
"""
"""Whose rate it is: of another group it is another rate."""
CHANGES = """
下降 降低 减少 压减 压缩 缩短 缩减 削减 减量 减排 替代 淘汰
"""
GROWTH = "提升 提高 增长 增加 上升 增幅 增速 增收"
"""At the end of a name: it asks for how much less or more, not for how much there is."""
ENDS = "幅度 率 比例 比率 数 数量 量 总量 额 金额 总额 天数 日数 人数 户数 个数 台数 吨数 次数 起数 件数 家数 处数 面积 里程 时间 时长 度 值 情况"
"""What may stand behind such a word."""

SHORT_PERIODS = "/日 /天 /周 /月 /季 /季度 每日 每天 日均 每周 周均 每月 月均 每季 季均 日处理 日供水 日供气 日产能 日产量 单日 日处置 日发电"
"""In a name: the number is of so short a time."""
WHOLE_YEAR = "/年 全年 每年 年均 年度 本年 总计 共计 累计 合计"
FOR_EACH = "人均 户均 亩均 场均 生均 村均 班均 日均"
IN_ALL = "总计 共计 累计 合计 全年"
"""In the cell, where the name asks for each: the sum."""

HAPPENED = "发生 发现 出现 存在 新发现 查出"
"""Verbs that say only that there was one."""

ELSEWHERE = """
全国 全省 上级 上级单位 合作单位 社会力量 民间 概算 试点 样板 问题 投诉 台账 标准 总数 方案 合同 预约 协议 草案 名单 文件 计划 各
"""
"""Beside the row's own words: of others, of paper, of all there are."""

HOLDING = "举办 举行 开展 组织 承办 主办 协办 召开 筹办"
TAKING_PART = "参加 参与 参会 参赛 参展 参演 观看"
"""Of a row that asks for what was held: of what others held."""
ACTING_NOUNS = """
鉴定 衬砌 登记 评审 鉴别 测量 勘察 检测 监测 检查 普查 巡查 排查 设计 规划 评估 拆除 淘汰 报废 处置 更新 养护 除险加固 改造提升
"""
"""Words that name things in most cells and acts where they stand before an object."""
BROAD = """
服务对象 社会公众 公众 受益群众 受益对象 受益 惠及 群众 社会 相关 参与 参与者 使用 全民 各类 系列 主题 专项 专题 线上 线下 其他 总体 整体 综合 平均
"""
"""Words that hold so much that another may stand for them."""
OF_MANY = """
设备 办公设备 仪器设备 设施 设施设备 物资 样品 器材 用品 产品 文物 藏品 作品 资料 文化 文艺 公益 阅读推广 志愿服务 培训 服务 宣传 物品 资产
植物 动物 牲畜 作物
"""
"""What a name may count that cells write by its sorts: 电脑 of 设备, 展览 of 文化活动."""
PEOPLE = "观众 学员 读者 居民 市民 人员"
"""Of these the ones of whom a share is another share."""
LIKE_NOUNS = """
图书 藏书 文献 书籍 馆藏 纸质 新书 书刊 报刊
读者 群众 市民 居民 公众 用户
阅读 读书 书香 诵读
文艺 惠民 公益 文化 送戏
人工 植树
绿地 绿化
电子 数字 数据库
师生 学生
师生 教师 老师
科技 科研 专利
"""
"""Nouns of which one may stand for the other in a name and a cell, a line for those that are alike."""
