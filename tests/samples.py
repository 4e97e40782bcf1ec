"""What the committed samples and templates hold, and the command that writes them: `python tests/samples.py`.

萍乡图书馆2020年度: figures, goals and texts are the library's own report; the report gives no points, operators or tiers,
so those are ours and the workbook says so. 备注 tells where each row comes from: T a number in the report, G a goal
without a number, R filled back from the result.
"""

from __future__ import annotations

from pathlib import Path

from perfxl.model.columns import REPORT_SECTIONS
from perfxl.schemes import load_scheme
from perfxl.workbook.guide import columns_page
from perfxl.workbook.prefill import Prefill
from perfxl.workbook.template import template_bytes

ROOT = Path(__file__).parent.parent
SAMPLE = ROOT / "samples" / "pingxiang_library_2020.xlsx"
COLUMNS_PAGE = ROOT / "docs" / "填报表栏目.md"
TEMPLATES = {
    "national-2020": ROOT / "workbook_templates" / "绩效自评填报表_全国通用(2020).xlsx",
    "jiangxi": ROOT / "workbook_templates" / "绩效自评填报表_江西.xlsx",
}

NUMBER = "来源：T"
GOAL = "来源：G"
RESULT = "来源：R"
FREE_OF_CHARGE = "我馆长期免费向群众开放，进一步促进图书事业的发展，让群众在公共文化服务中得到实惠"
CULTURE = "通过面向市民免费开放，丰富了群众的文化生活，对保护文化遗产，传承人类优秀文化起到了重要作用"
INFLUENCE = "长期向读者免费开放，提供免费使用，对引领社会公众意识和文化走向起到重要作用"
CLOUD = "2020—2021年实现公共文化云建设与对接"
QUALITY = "符合国家质量体系要求"
STANDARD = "符合国家公共文化服务体系示范区验收标准"


def _indicator(level1, level2, level3, operator, target, unit, actual, tier, weight, remark):
    names = ("level1", "level2", "level3", "operator", "target", "unit", "actual", "tier", "weight", "remark")
    values = (level1, level2, level3, operator, target, unit, actual, tier, weight, remark)
    return {name: value for name, value in zip(names, values, strict=True) if value != ""}


INDICATORS = [
    _indicator("产出指标", "数量指标", "免费服务读者人次", "≥", "40万人次", "人次", "", "", 10, NUMBER),
    _indicator("产出指标", "数量指标", "开展各类阅读推广活动场数", "≥", "270场", "场", "270场", "", 10, NUMBER),
    _indicator("产出指标", "数量指标", "建设红色文献主题馆", "≥", "1个", "个", "1个", "", 5, GOAL),
    _indicator("产出指标", "数量指标", "构建公共数字文化服务平台", "≥", "1个", "个", "1个", "", 5, GOAL),
    _indicator("产出指标", "质量指标", "红色文献主题馆建设质量", "定性", QUALITY, "", QUALITY, "达成", 5, RESULT),
    _indicator("产出指标", "质量指标", "公共数字文化服务平台建设质量", "定性", STANDARD, "", STANDARD, "达成", 5, RESULT),
    _indicator("产出指标", "时效指标", "阅读推广活动完成及时性", "定性", "按期完成", "", "都按期完成", "达成", 5, RESULT),
    _indicator("产出指标", "时效指标", "公共文化云建设与对接", "定性", CLOUD, "", CLOUD, "达成", 5, RESULT),
    _indicator(
        "效益指标",
        "社会效益",
        "丰富群众文化生活、保护文化遗产、传承优秀文化",
        "定性",
        "丰富群众的文化生活，保护文化遗产，传承人类优秀文化",
        "",
        CULTURE,
        "达成",
        10,
        RESULT,
    ),
    _indicator(
        "效益指标", "经济效益", "群众从公共文化服务中得到实惠", "定性", "让群众在公共文化服务中得到实惠", "", FREE_OF_CHARGE, "达成", 5, RESULT
    ),
    _indicator("效益指标", "生态效益", "水、电消耗降低率", "≥", "1%", "%", "降低水、电消耗1%", "", 5, RESULT),
    _indicator("效益指标", "生态效益", "节能灯具使用率", "=", "100%", "%", "高达100%", "", 5, RESULT),
    _indicator("效益指标", "可持续影响", "引领社会公众意识和文化走向", "定性", "长期向读者免费开放", "", INFLUENCE, "达成", 5, RESULT),
    _indicator("满意度指标", "服务对象满意度", "读者使用满意度", "≥", "95%", "%", "95%以上", "", 5, RESULT),
    _indicator("满意度指标", "服务对象满意度", "读者投诉率", "<", "1%", "%", "小于1%", "", 5, RESULT),
]

REPORT_TEXTS = (
    (
        "我馆主要职能职责是为本市读者提供图书借阅，资料查询、数字资源共享等服务。\n"
        "新馆开放以后主要由办公室、采编室、技术部、志愿服务部、流通部、阅读推广及文创部、地方文献室、历史文献室8大部门组成，总共在编人员为26人，其中2020年新增在编人员3人。\n"
        "我馆2020年财政拨款全年预算数为640.84万元，全年执行数为555.83万元，执行率达86.73%；其他资金全年预算数为0.92万元，全年执行数为0.92万元，执行率达100%；"
        "基本支出的全年预算数为641.76万元，全年执行数为556.75万元，执行率达86.75%。"
    ),
    (
        "2020年，我馆将继续按照市委、市政府和市文广新旅局的总体要求，以习近平新时代中国特色社会主义思想和党的十九大和十九届二中、三中、四中全会精神为指导，"
        "以创建全国公共文化服务体系示范区为中心工作，认真贯彻落实《公共文化服务保障法》和《公共图书馆法》，重点做好以下几项工作：\n"
        "1.努力做好免费开放服务工作，进一步提升服务效能，力争在硬件上实现萍乡图书馆高质量发展。\n"
        "2.全力做好新馆搬迁有关工作，力争以新馆搬迁为契机打造一个本地“红色主题馆”进一步增加读者服务新亮点。\n"
        "3.继续加大对古籍资源的开发和利用，努力推进“古籍里的萍乡”创新案例工作，力争在新馆完成馆藏古籍展览展示，大力传承萍乡优秀文化。\n"
        "4.对标对表，全力完成我市创建第四批国家公共文化服务体系示范区相关工作。\n"
        "5.加强数字图书馆建设工作，继续丰富馆藏数字资源，力争在鹅湖公园完成一个智慧书房建设工作，为读者提供更优质的服务。\n"
        "6.大力开展“内强素质，外树形象”主题教育活动，进一步转变思想，提升队伍素质，为萍乡图书馆高质量发展全面对接新馆工作打下坚实的基础。\n"
        "7.进一步完善公共图书馆服务体系建设工作，有计划地开展县区图书馆的业务辅导工作。\n"
        "8.积极完成创建全国文明城市工作和上级部门交办的其他工作。"
    ),
    (
        "1、建设红色文献主题馆，推进“古籍里的萍乡”创新案例工作，大力传承萍乡优秀文化。\n"
        "2、完成我市创建第四批国家公共文化服务体系示范区相关工作。\n"
        "3、加强数字图书馆建设工作，构建标准统一、互联互通的公共数字文化服务平台。\n"
        "4、免费服务读者人次40万人次，开展各类阅读推广活动场数270场。"
    ),
    (
        "2020年我馆积极拓展部门预算绩效管理各个环节工作的深度和广度，一是初步树立了绩效理念，通过绩效评价，财政支出的科学性、效益性、管理水平都得到了一定的提高，"
        "促进了部门内部管理的完善，加强了对财政资金的自觉监督。二是增强了部门的责任意识，通过设定绩效目标，部门的职能和目标得到了进一步明确，部门的责任意识也明显提高。"
        "三是提高了财政资金的使用效益，财政支出绩效评价将部门预算和部门发展规划与年度工作计划有机结合起来，一方面有利于整合财政资源，优化财政支出结构，"
        "另一方面也有利于监督预算单位合理高效使用财政资金，减少了财政资金支出的随意性和盲目性。"
    ),
    (
        "我馆2020年财政拨款全年预算数为640.84万元，全年执行数为555.83万元，执行率达86.73%；其他资金全年预算数为0.92万元，全年执行数为0.92万元，执行率达100%；"
        "基本支出的全年预算数为641.76万元，全年执行数为556.75万元，执行率达86.75%。"
    ),
    (
        "从数量方面来说，建设红色文献主题馆1个，构建标准统一、互联互通的公共数字文化服务平台1个，在基层中实现共建共享；开展各类阅读推广活动270场。"
        "从质量方面来看，红色文献主题馆的建设符合国家质量体系要求，公共数字文化服务平台的建设符合国家公共文化服务体系示范区验收标准，阅读推广活动都按期完成。"
        "从时效方面来看，2020—2021年实现公共文化云建设与对接。"
    ),
    (
        "从社会效益方面来看，通过面向市民免费开放，丰富了群众的文化生活，对保护文化遗产，传承人类优秀文化起到了重要作用。"
        "从经济效益方面来看，我馆长期免费向群众开放，进一步促进图书事业的发展，让群众在公共文化服务中得到实惠。"
        "从生态效益方面来看，采用绿色、环保、节能的手段，降低水、电消耗1%，节能灯具使用率高达100%。"
    ),
    (
        "从社会满意度方面来看，读者使用满意度已达到95%以上，读者投诉率小于1%。"
        "从可持续影响方面来看，长期向读者免费开放，提供免费使用，对引领社会公众意识和文化走向起到重要作用。"
    ),
    "目前已实现全馆面向社会广大群众免费开放，下一步我馆将会进一步提升自身服务建设，不断提高读者对我馆的满意度。",
    "本年度绩效自评结果为优，下年度将不断巩固绩效管理成果，为读者提供更优质的服务，不断提升读者满意度，有效使用免费开放资金，促进萍乡市图书馆事业更好的发展。",
)

PINGXIANG_2020 = Prefill(
    unit={
        "name": "萍乡图书馆",
        "authority": "市文广新旅局",
        "region": "萍乡市",
        "fiscal_year": "2020",
        "evaluation": "部门整体",
        "scheme": "全国通用(2020)",
        "money_unit": "万元",
        "staff": "26",
        "new_staff": "3",
        "departments": "办公室、采编室、技术部、志愿服务部、流通部、阅读推广及文创部、地方文献室、历史文献室",
        "claimed_grade": "优",
        "submission_count": "1",
    },
    budget=[
        {"kind": "按来源", "item": "当年财政拨款", "full_year": 640.84, "executed": 555.83},
        {"kind": "按来源", "item": "其他资金", "full_year": 0.92, "executed": 0.92},
        {"kind": "按支出类型", "item": "基本支出", "full_year": 641.76, "executed": 556.75},
    ],
    goals=[
        {
            "number": "1",
            "expected": "建设红色文献主题馆，推进“古籍里的萍乡”创新案例工作，大力传承萍乡优秀文化。",
            "achieved": "建设红色文献主题馆1个。",
        },
        {"number": "2", "expected": "完成我市创建第四批国家公共文化服务体系示范区相关工作。"},
        {
            "number": "3",
            "expected": "加强数字图书馆建设工作，构建标准统一、互联互通的公共数字文化服务平台。",
            "achieved": "构建标准统一、互联互通的公共数字文化服务平台1个，在基层中实现共建共享。",
        },
        {"number": "4", "expected": "免费服务读者人次40万人次，开展各类阅读推广活动场数270场。", "achieved": "开展各类阅读推广活动270场。"},
    ],
    indicators=INDICATORS,
    report=[{"section": section, "text": text} for section, text in zip(REPORT_SECTIONS, REPORT_TEXTS, strict=True)],
    notes=[
        "本表按萍乡图书馆公布的2020年度部门整体支出绩效自评报告填写，供试用 perfxl。金额、目标、完成情况和报告文字用报告原话。",
        "报告没有给出分值、完成等级和指标性质，这三栏由编者填写，不代表该馆的自评。只有“免费服务读者人次”和“阅读推广活动场数”在报告中有数量目标。",
        "绩效指标“备注”写明来源：T 报告中有此数；G 报告有此目标但没有数量；R 报告只写了完成情况，指标值由完成情况倒填。",
        "报告定了免费服务读者40万人次的目标，但没有写实际完成数，所以该项实际完成值留空。",
    ],
)


def written() -> dict[Path, bytes]:
    """Every committed workbook that is generated, with the bytes it should have."""
    made = {path: template_bytes(load_scheme(scheme)) for scheme, path in TEMPLATES.items()}
    return {**made, SAMPLE: template_bytes(load_scheme("national-2020"), PINGXIANG_2020)}


if __name__ == "__main__":
    for path, content in written().items():
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(content)
        print(f"{path.relative_to(ROOT)}  {len(content):,} bytes")
    COLUMNS_PAGE.parent.mkdir(exist_ok=True)
    COLUMNS_PAGE.write_text(columns_page(), "utf-8")
