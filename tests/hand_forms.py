"""Forms as offices draw them: one layout each, and what a careful person reads in it.

Rows from the first column on, `NO` for a blank cell, merged areas as (first row, first column, last row, last column).
"""

from __future__ import annotations

from perfxl.intake.forms import Grid

NO = None
CASES = {}


def case(drawn):
    """One of the forms."""
    CASES[drawn.__name__] = drawn
    return drawn


def grid(rows, merges=()):
    return Grid.of("Sheet1", [(number, tuple(row)) for number, row in enumerate(rows, 1)], merges)


def want(**other):
    """What is read in a form that says the usual things."""
    return WANT | other


# fmt: off
# ruff: noqa: C408, E701, E702, E731, E741
BASE=[('开放天数','≥270天','300天',40,40),('到馆人次','≥5万人次','4万人次',30,24),('满意度','≥90%','95%',20,20)]
WANT=dict(facts={'name':'示例县文化馆','project':'免费开放','fiscal_year':2023,'evaluation':'项目'}, money={'full_year':50,'executed':40,'weight':10}, rows=BASE, total=92, n=1, kind='self-evaluation')
LV=[('产出指标','数量指标'),('效益指标','社会效益指标'),('满意度指标','服务对象满意度指标')]
TITLE=[['项目支出绩效自评表'],['（2023年度）']]
FACTS=[['项目名称','免费开放',NO,NO,'实施单位','示例县文化馆',NO,NO]]
FUNDS=[['项目资金（万元）',NO,'年初预算数','全年预算数','全年执行数','分值','执行率','得分'],[NO,'年度资金总额',50,50,40,10,'80%',8]]
HEAD=['一级指标','二级指标','三级指标','年度指标值','实际完成值','分值','得分','偏差原因分析及改进措施']
ROWS=[[*LV[i],n,t,a,w,s,NO] for i,(n,t,a,w,s) in enumerate(BASE)]
TOTAL=['总分',NO,NO,NO,NO,100,92]



@case
def plain(): return grid([*TITLE,*FACTS,*FUNDS,HEAD,*ROWS,TOTAL],[(1,1,1,8)]), want()


@case
def total_in_middle():
    return grid([*TITLE,*FACTS,*FUNDS,HEAD,ROWS[0],['小计',NO,NO,NO,NO,40,40],ROWS[1],ROWS[2],TOTAL]), want()


@case
def notes_between_rows():
    return grid([*TITLE,*FACTS,*FUNDS,HEAD,ROWS[0],['注：到馆人次以闸机计数为准，含分馆。'],ROWS[1],ROWS[2],TOTAL],[(8,1,8,8)]), want()


@case
def funds_at_bottom():
    return grid([*TITLE,*FACTS,HEAD,*ROWS,TOTAL,*FUNDS,['填表人：张三',NO,NO,'联系电话：0799-123']]), want()


@case
def points_in_name():
    rows=[[*LV[i],f'{n}（{w}分）',t,a,s,NO] for i,(n,t,a,w,s) in enumerate(BASE)]
    h=[x for x in HEAD if x!='分值']
    return grid([*TITLE,*FACTS,*FUNDS,h,*rows,['总分',NO,NO,NO,NO,92]]), want(rows=[(f'{n}（{w}分）',t,a,w,s) for n,t,a,w,s in BASE])


@case
def level3_two_columns():
    h=['一级指标','二级指标','三级指标',NO,'年度指标值','实际完成值','分值','得分','备注']
    rows=[[*LV[i],str(i+1),n,t,a,w,s,NO] for i,(n,t,a,w,s) in enumerate(BASE)]
    return grid([*TITLE,*FACTS,*FUNDS,h,*rows,['总分',NO,NO,NO,NO,NO,100,92]],[(6,3,6,4)]), want()


@case
def level3_and_content():
    h=['一级指标','二级指标','三级指标','指标内容','年度指标值','实际完成值','分值','得分','备注']
    rows=[[*LV[i],f'指标{i+1}',n,t,a,w,s,NO] for i,(n,t,a,w,s) in enumerate(BASE)]
    return grid([*TITLE,*FACTS,*FUNDS,h,*rows,['总分',NO,NO,NO,NO,NO,100,92]]), want()


@case
def english():
    return grid([['Project Expenditure Performance Self-Evaluation Form'],['项目支出绩效自评表'],['(2023年度)'],*FACTS,*FUNDS,HEAD,*ROWS,TOTAL]), want()


@case
def fullwidth():
    f=lambda s: s if not isinstance(s,str) else s.replace('270','２７０').replace('300','３００').replace('%','％')
    rows=[[f(x) for x in r] for r in ROWS]
    rows[0][5]='４０'
    return grid([['项目支出绩效自评表'],['（２０２３年度）'],*FACTS,*FUNDS,HEAD,*rows,TOTAL]), want(rows=[('开放天数','≥２７０天','３００天',40,40),BASE[1],('满意度','≥90％','95％',20,20)])


@case
def vertical_labels():
    fu=[['项\n目\n资\n金\n︵\n万\n元\n︶',NO,NO,'年初预算数','全年预算数','全年执行数','分值','执行率','得分'],[NO,'年度资金总额',NO,50,50,40,10,'80%',8]]
    fa=[['项目名称',NO,'免费开放',NO,NO,'实施单位','示例县文化馆',NO,NO]]
    h=['绩\n效\n指\n标',*HEAD]; rows=[[NO,*r] for r in ROWS]
    return grid([*TITLE,*fa,*fu,h,*rows,['总\n分',NO,NO,NO,NO,NO,100,92]],[(4,1,5,1),(6,1,9,1),(4,2,4,3),(5,2,5,3)]), want()


@case
def reason_merged():
    rows=[r[:] for r in ROWS]; rows[0][7]='闭馆维修，客流减少，下年加强宣传。'
    return grid([*TITLE,*FACTS,*FUNDS,HEAD,*rows,TOTAL],[(7,8,9,8)]), want()


@case
def blank_form():
    rows=[[*LV[i],'','','','','',NO] for i in range(3)]
    return grid([*TITLE,['项目名称',NO,NO,NO,'实施单位',NO],FUNDS[0],[NO,'年度资金总额'],HEAD,*rows,['总分',NO,NO,NO,NO,100]]), want(facts={'fiscal_year':2023},money={},rows=[],total=None)


@case
def two_years():
    h=['一级指标','二级指标','三级指标','2022年度',NO,'2023年度',NO,'分值','得分']
    h2=[NO,NO,NO,'指标值','完成值','指标值','完成值',NO,NO]
    rows=[[*LV[i],n,'旧1','旧2',t,a,w,s] for i,(n,t,a,w,s) in enumerate(BASE)]
    return grid([*TITLE,*FACTS,*FUNDS,h,h2,*rows,['总分',NO,NO,NO,NO,NO,NO,100,92]],[(6,1,7,1),(6,2,7,2),(6,3,7,3),(6,4,6,5),(6,6,6,7),(6,8,7,8),(6,9,7,9)]), want(ask=True)


@case
def repeated_heads():
    return grid([*TITLE,*FACTS,*FUNDS,HEAD,*ROWS[:2],['（续表）'],HEAD,ROWS[2],TOTAL]), want()


@case
def side_by_side():
    def wide(a,b):
        n=max(len(a),len(b)); out=[]
        for i in range(n):
            l=list(a[i]) if i<len(a) else []; l+= [NO]*(9-len(l)); r=list(b[i]) if i<len(b) else []
            out.append(l+r)
        return out
    one=[*TITLE,*FACTS,*FUNDS,HEAD,*ROWS,TOTAL]; two=[r[:] for r in one]; two[2]=['项目名称','图书采购',NO,NO,'实施单位','示例县文化馆',NO,NO]
    return grid(wide(one,two),[(1,1,1,8),(1,10,1,17)]), want(n=2)


@case
def three_below():
    one=[*TITLE,*FACTS,*FUNDS,HEAD,*ROWS,TOTAL,[NO],[NO]]
    all_=[]
    for p in ('免费开放','图书采购','设备维修'):
        b=[r[:] for r in one]; b[2]=['项目名称',p,NO,NO,'实施单位','示例县文化馆',NO,NO]; all_+=b
    return grid(all_), want(n=3)


@case
def weight_as_percent():
    rows=[[*LV[i],n,t,a,f'{w}%',s,NO] for i,(n,t,a,w,s) in enumerate(BASE)]
    return grid([*TITLE,*FACTS,*FUNDS,['一级指标','二级指标','三级指标','年度指标值','实际完成值','权重','得分','备注'],*rows,TOTAL]), want(rows=[(n,t,a,w,s) for n,t,a,w,s in BASE])


@case
def year_in_subtitle_range():
    return grid([['项目支出绩效自评表'],['（2023年1月1日至2023年12月31日）'],*FACTS,*FUNDS,HEAD,*ROWS,TOTAL]), want()


@case
def chinese_year():
    return grid([['二〇二三年度项目支出绩效自评表'],*FACTS,*FUNDS,HEAD,*ROWS,TOTAL]), want()


@case
def unit_in_free_line():
    return grid([*TITLE,['填报单位（盖章）：示例县文化馆',NO,NO,NO,'单位：万元'],['项目名称','免费开放'],['项目资金',NO,'年初预算数','全年预算数','全年执行数','分值','执行率','得分'],FUNDS[1],HEAD,*ROWS,TOTAL],[(3,1,3,4)]), want(facts={**WANT['facts'],'money_unit':'万元'})


@case
def amounts_yuan():
    return grid([*TITLE,*FACTS,['项目资金（元）',NO,'年初预算数','全年预算数','全年执行数','分值','执行率','得分'],[NO,'年度资金总额','500,000.00','500,000.00','400,000.00',10,'80%',8],HEAD,*ROWS,TOTAL]), want(money={'full_year':'500,000.00','executed':'400,000.00','weight':10},facts={**WANT['facts'],'money_unit':'元'})


@case
def total_words():
    return grid([*TITLE,*FACTS,*FUNDS,HEAD,*ROWS,['自评总得分（满分100分）',NO,NO,NO,NO,NO,92]]), want()


@case
def total_single_cell():
    return grid([*TITLE,*FACTS,*FUNDS,HEAD,*ROWS,['总分：92分']],[(10,1,10,8)]), want()


@case
def total_in_front():
    return grid([*TITLE,*FACTS,['自评得分',92,NO,NO,'自评等级','优'],*FUNDS,HEAD,*ROWS]), want(facts={**WANT['facts'],'claimed_grade':'优'})


@case
def score_before_weight():
    h=['一级指标','二级指标','三级指标','得分','分值','实际完成值','年度指标值','备注']
    rows=[[*LV[i],n,s,w,a,t,NO] for i,(n,t,a,w,s) in enumerate(BASE)]
    return grid([*TITLE,*FACTS,*FUNDS,h,*rows,['总分',NO,NO,92,100]]), want()


@case
def serial_column():
    h=['序号',*HEAD]; rows=[[i+1,*r] for i,r in enumerate(ROWS)]
    fa=[['项目名称',NO,'免费开放',NO,NO,'实施单位','示例县文化馆',NO,NO]]
    fu=[['项目资金（万元）',NO,NO,'年初预算数','全年预算数','全年执行数','分值','执行率','得分'],[NO,NO,'年度资金总额',50,50,40,10,'80%',8]]
    return grid([*TITLE,*fa,*fu,h,*rows,['合计',NO,NO,NO,NO,NO,100,92]]), want()


@case
def self_and_office_scores():
    h=['一级指标','二级指标','三级指标','年度指标值','实际完成值','分值','自评得分','复核得分','备注']
    rows=[[*LV[i],n,t,a,w,s,s-1,NO] for i,(n,t,a,w,s) in enumerate(BASE)]
    return grid([*TITLE,*FACTS,*FUNDS,h,*rows,['总分',NO,NO,NO,NO,100,92,89]]), want()


@case
def star_heads():
    h=['*一级指标','*二级指标','*三级指标','*年度指标值','*实际完成值','*分值（分）','*得分（分）','备注']
    return grid([*TITLE,*FACTS,*FUNDS,h,*ROWS,TOTAL]), want()


@case
def spaced_heads():
    h=['一 级 指 标','二级\n指标','三 级\n指 标','年 度 指 标 值','实 际 完 成 值','分 值','得 分','备 注']
    return grid([['项 目 支 出 绩 效 自 评 表'],['（ 2023 年 度 ）'],*FACTS,*FUNDS,h,*ROWS,['总  分',NO,NO,NO,NO,100,92]]), want()


@case
def label_with_colon_cells():
    return grid([*TITLE,['项目名称：免费开放',NO,NO,NO,'实施单位：示例县文化馆'],*FUNDS,HEAD,*ROWS,TOTAL],[(3,1,3,4),(3,5,3,8)]), want()


@case
def fact_multi_lines():
    return grid([*TITLE,['项目名称','免费\n开放',NO,NO,'实施单位','示例县\n文化馆'],*FUNDS,HEAD,*ROWS,TOTAL]), want(facts={**WANT['facts'],'project':'免费开放'})


@case
def levels_repeat_head_level_points():
    rows=[[f'{LV[i][0]}（{w}分）',LV[i][1],n,t,a,w,s,NO] for i,(n,t,a,w,s) in enumerate(BASE)]
    return grid([*TITLE,*FACTS,*FUNDS,HEAD,*rows,TOTAL]), want()


@case
def exec_row_first():
    rows=[['预算执行（10分）',NO,'预算执行率','100%','80%',10,8,NO],*ROWS]
    fu=[FUNDS[0][:5],[NO,'年度资金总额',50,50,40]]
    return grid([*TITLE,*FACTS,*fu,HEAD,*rows,TOTAL]), want(rows=[('预算执行率','100%','80%',10,8),*BASE],money={'full_year':50,'executed':40,'weight':10})


@case
def whole_department():
    return grid([['示例县文化馆2023年度部门整体支出绩效自评表'],['单位：万元'],['部门预算执行情况（万元）',NO,'年初预算数','全年预算数','全年执行数','分值','执行率','得分'],[NO,'部门整体支出总额',50,50,40,10,'80%',8],[NO,'其中：基本支出',30,30,25],[NO,'项目支出',20,20,15],HEAD,*ROWS,TOTAL]), want(facts={'name':'示例县文化馆','fiscal_year':2023,'evaluation':'部门整体'})


@case
def goal_form():
    return grid([['项目支出绩效目标申报表'],['（2023年度）'],*FACTS,['一级指标','二级指标','三级指标','指标值','备注'],['产出指标','数量指标','天数','270天']]), dict(n=1,kind='goals')


@case
def goal_form_without_title():
    return grid([['项目名称','免费开放','实施单位','示例县文化馆'],['一级指标','二级指标','三级指标','指标值'],['产出指标','数量指标','天数','270天']]), dict(n=1,kind='goals')


@case
def monitoring():
    return grid([['项目支出绩效运行监控表'],['（2023年度）'],*FACTS,['一级指标','二级指标','三级指标','年度指标值','1-7月完成情况','全年预计完成情况','完成目标可能性','备注'],['产出指标','数量指标','天数','270天','150天','270天','确定能',NO]]), dict(n=1,kind='monitoring')


@case
def monitoring_untitled():
    return grid([['2023年绩效目标运行跟踪表'],*FACTS,['一级指标','二级指标','三级指标','年度指标值','1-6月执行情况','全年预计完成情况','偏差原因分析'],['产出指标','数量指标','天数','270天','150天','270天',NO]]), dict(n=1,kind='monitoring')


@case
def approved_goals():
    return grid([['2023年部门预算项目绩效目标批复表'],*FACTS,['一级指标','二级指标','三级指标','指标值','权重'],['产出指标','数量指标','天数','270天',40]]), dict(n=1,kind='goals')


@case
def wps_numbers_with_unit_format():
    rows=[[*LV[i],n,t,a,f'{w}分',f'{s}分',NO] for i,(n,t,a,w,s) in enumerate(BASE)]
    return grid([*TITLE,*FACTS,*FUNDS,HEAD,*rows,['总分',NO,NO,NO,NO,'100分','92分']]), want()


@case
def two_unit_columns():
    h=['一级指标','二级指标','三级指标','指标性质','指标值','度量单位','实际完成值','分值','得分','备注']
    rows=[[*LV[0],'开放天数','≥',270,'天',300,40,40],[*LV[1],'到馆人次','≥',5,'万人次',4,30,24],[*LV[2],'满意度','≥',90,'%',95,20,20]]
    return grid([*TITLE,*FACTS,*FUNDS,h,*rows,['总分',NO,NO,NO,NO,NO,NO,100,92]]), want(rows=[('开放天数',270,300,40,40),('到馆人次',5,4,30,24),('满意度',90,95,20,20)])


@case
def goals_rows_numbered():
    gl=[['年度总体目标','预期目标',NO,NO,'实际完成情况'],[NO,'目标1：开放270天',NO,NO,'开放300天'],[NO,'目标2：服务5万人次',NO,NO,'4万人次']]
    return grid([*TITLE,*FACTS,*FUNDS,*gl,HEAD,*ROWS,TOTAL],[(6,1,8,1),(6,2,6,4),(7,2,7,4),(8,2,8,4)]), want(goals=[('目标1：开放270天','开放300天'),('目标2：服务5万人次','4万人次')])


@case
def funds_beside():
    fu=[['预算执行情况（10分）','预算数：',50,'执行数：',40,'执行率：','80%','得分：8']]
    return grid([*TITLE,*FACTS,*fu,HEAD,*ROWS,TOTAL]), want(money={'full_year':50,'executed':40})


@case
def blank_columns_between():
    sp=lambda r:[x for v in r for x in (v,NO)]
    return grid([sp(r) for r in [*TITLE,*FACTS,*FUNDS,HEAD,*ROWS,TOTAL]]), want()


@case
def blank_rows_between():
    return grid([*TITLE,[NO],*FACTS,[NO],*FUNDS,[NO],HEAD,[NO],ROWS[0],[NO],ROWS[1],ROWS[2],[NO],TOTAL]), want()


@case
def signature_after_total():
    return grid([*TITLE,*FACTS,*FUNDS,HEAD,*ROWS,TOTAL,['单位负责人（签字）：',NO,NO,'填表人：李四',NO,'填报日期：2024年3月1日'],['说明：本表一式两份']]), want()


@case
def three_head_rows():
    h=[['绩效指标',NO,NO,'指标值',NO,'评分',NO,'备注'],['一级指标','二级指标','三级指标','年度','实际','分值','得分',NO],[NO,NO,NO,'指标值','完成值',NO,NO,NO]]
    return grid([*TITLE,*FACTS,*FUNDS,*h,*ROWS,TOTAL],[(6,1,6,3),(6,4,6,5),(6,6,6,7),(6,8,8,8),(7,1,8,1),(7,2,8,2),(7,3,8,3),(7,6,8,6),(7,7,8,7)]), want()


@case
def merged_levels_and_target():
    rows=[['产出指标','数量指标','开放天数','≥270天','300天',40,40],[NO,NO,'到馆人次','≥5万人次','4万人次',30,24],['满意度指标','服务对象满意度指标','满意度','≥90%','95%',20,20]]
    return grid([*TITLE,*FACTS,*FUNDS,HEAD,*rows,TOTAL],[(7,1,8,1),(7,2,8,2)]), want()


@case
def exec_in_label_points20():
    fu=[['预算执行情况（万元）（20分）','预算数（A）','执行数（B）','执行率（B/A）','得分（20分*执行率）'],['年度财政资金总额',50,40,'80%',16]]
    h=['年度绩效目标1（80分）','一级指标','二级指标','三级指标','年初目标值（A）','实际完成值（B）','得分']
    rows=[[NO,*LV[i],n,t,a,s] for i,(n,t,a,w,s) in enumerate(BASE)]
    return grid([*TITLE,*FACTS,*fu,h,*rows,['总分',NO,NO,NO,NO,NO,100]],[(6,1,9,1)]), want(rows=[(n,t,a,None,s) for n,t,a,w,s in BASE],money={'full_year':50,'executed':40,'weight':20},total=100)


@case
def percent_target_numbers():
    rows=[[*LV[0],'开放天数','≥270天','300天',40,40],[*LV[1],'到馆人次','≥5万人次','4万人次',30,24],[*LV[2],'满意度',0.9,0.95,20,20]]
    return grid([*TITLE,*FACTS,*FUNDS,HEAD,*rows,TOTAL]), want(rows=[BASE[0],BASE[1],('满意度',0.9,0.95,20,20)])


@case
def unit_authority_combined():
    return grid([*TITLE,['项目名称','免费开放',NO,NO,'主管部门及实施单位','示例县文旅局/示例县文化馆'],*FUNDS,HEAD,*ROWS,TOTAL]), want(facts={'project':'免费开放'})


@case
def answer_rows_level2_only():
    h=['一级指标','二级指标','指标值','实际完成值','分值','得分']
    rows=[['产出指标','开放天数','≥270天','300天',40,40],['效益指标','到馆人次','≥5万人次','4万人次',30,24],['满意度指标','满意度','≥90%','95%',20,20]]
    return grid([*TITLE,*FACTS,*FUNDS,h,*rows,['总分',NO,NO,NO,100,92]]), want()


@case
def category_and_indicator():
    h=['类别','指标','目标值','完成值','满分','自评分','说明']
    rows=[['产出','开放天数','≥270天','300天',40,40],['效益','到馆人次','≥5万人次','4万人次',30,24],['满意度','满意度','≥90%','95%',20,20]]
    return grid([*TITLE,*FACTS,*FUNDS,h,*rows,['总分',NO,NO,NO,100,92]]), want(ask=True)


@case
def unit_label_twice():
    return grid([*TITLE,['主管部门','示例县文旅局',NO,NO,'实施单位','示例县文化馆'],['项目名称','免费开放',NO,NO,'项目负责人','王五'],*FUNDS,HEAD,*ROWS,TOTAL]), want(facts={**WANT['facts'],'authority':'示例县文旅局'})


@case
def deviation_row_below_each():
    rows=[]
    for r in ROWS: rows+= [r,[NO,NO,'偏差原因：无']]
    return grid([*TITLE,*FACTS,*FUNDS,HEAD,*rows,TOTAL]), want()


@case
def footnote_star_points():
    return grid([*TITLE,*FACTS,*FUNDS,HEAD,*ROWS,TOTAL,['注：1.得分一档最高不能超过该指标分值上限。'],['2.定性指标根据指标完成情况分为达成年度指标、部分达成年度指标并具有一定效果、未达成年度指标且效果较差三档，分别按照80%-100%、60%-80%、0-60%合理填写完成比例。']],[(11,1,11,8),(12,1,12,8)]), want()


@case
def actual_with_status():
    h=['一级指标','二级指标','三级指标','年度指标值','实际完成值','完成程度','分值','得分','原因']
    rows=[[*LV[i],n,t,a,'达成',w,s] for i,(n,t,a,w,s) in enumerate(BASE)]
    return grid([*TITLE,*FACTS,*FUNDS,h,*rows,['总分',NO,NO,NO,NO,NO,100,92]]), want()


@case
def text_with_head_words():
    return grid([*TITLE,*FACTS,['项目概况','本项目设一级指标3个、三级指标3个，实际完成值由馆办统计。'],*FUNDS,HEAD,*ROWS,TOTAL],[(4,2,4,8)]), want()


@case
def bands():
    h=['序号','指标名称','年度指标值','实际完成值','分值','得分','备注']
    rows=[['一、产出指标（40分）'],[1,*BASE[0],NO],['二、效益指标（30分）'],[2,*BASE[1],NO],['三、满意度指标（20分）'],[3,*BASE[2],NO]]
    return grid([*TITLE,*FACTS,*FUNDS,h,*rows,['合计',NO,NO,NO,100,92]],[(7,1,7,7),(9,1,9,7),(11,1,11,7)]), want(levels=['产出指标','效益指标','满意度指标'])


@case
def level_subtotal_rows():
    rows=[]
    for i,b in enumerate(BASE): rows+=[[LV[i][0],NO,NO,NO,NO,b[3],b[4]],[NO,LV[i][1],*b]]
    return grid([*TITLE,*FACTS,*FUNDS,HEAD,*rows,TOTAL]), want(levels=['产出指标','效益指标','满意度指标'])


@case
def bands_and_levels():
    rows=[['产出指标'],ROWS[0],['效益指标'],ROWS[1],['满意度指标'],ROWS[2]]
    return grid([*TITLE,*FACTS,*FUNDS,HEAD,*rows,TOTAL],[(7,1,7,8)]), want()


@case
def total_below_notes():
    return grid([*TITLE,*FACTS,*FUNDS,HEAD,*ROWS,['备注：以上数据经核对'],TOTAL],[(10,1,10,8)]), want()


@case
def grade_row():
    return grid([*TITLE,*FACTS,*FUNDS,HEAD,*ROWS,TOTAL,['评价等级：优']]), want(facts={**WANT['facts'],'claimed_grade':'优'})


@case
def grade_in_total_row():
    return grid([*TITLE,*FACTS,*FUNDS,HEAD,*ROWS,[*TOTAL,'优']]), want(facts={**WANT['facts'],'claimed_grade':'优'})


@case
def score_words():
    rows=[r[:] for r in ROWS]; rows[1][6]='24（扣6分）'
    return grid([*TITLE,*FACTS,*FUNDS,HEAD,*rows,TOTAL]), want()


@case
def weight_before_target():
    h=['一级指标','二级指标','三级指标','分值','年度指标值','全年实际值','得分','未完成原因及拟采取的改进措施']
    rows=[[*LV[i],n,w,t,a,s,NO] for i,(n,t,a,w,s) in enumerate(BASE)]
    return grid([*TITLE,*FACTS,*FUNDS,h,*rows,['总分',NO,NO,100,NO,NO,92]]), want()


@case
def adjusted_targets():
    h=['一级指标','二级指标','三级指标','年初指标值','调整后指标值','实际完成值','分值','得分']
    rows=[[*LV[i],n,'旧',t,a,w,s] for i,(n,t,a,w,s) in enumerate(BASE)]
    return grid([*TITLE,*FACTS,*FUNDS,h,*rows,['总分',NO,NO,NO,NO,NO,100,92]]), want()


@case
def funds_three_sources():
    fu=[FUNDS[0],[NO,'年度资金总额',50,50,40,10,'80%',8],[NO,'其中：财政拨款',45,45,38],[NO,'  上年结转',3,3,2],[NO,'  其他资金',2,2,0]]
    return grid([*TITLE,*FACTS,*fu,HEAD,*ROWS,TOTAL]), want()


@case
def funds_dash():
    fu=[FUNDS[0],[NO,'年度资金总额','—',50,40,10,'80%',8],[NO,'其中：当年财政拨款','—',50,40,'—','—','—'],[NO,'上年结转资金','/','/','/','/','/','/']]
    return grid([*TITLE,*FACTS,*fu,HEAD,*ROWS,TOTAL]), want()


@case
def amount_with_words():
    fu=[FUNDS[0],[NO,'年度资金总额','50万元','50万元','40万元',10,'80%',8]]
    return grid([*TITLE,*FACTS,*fu,HEAD,*ROWS,TOTAL]), want(money={'full_year':'50万元','executed':'40万元','weight':10})


@case
def funds_head_two_rows():
    fu=[['项目资金（万元）',NO,'预算情况',NO,'执行情况','分值','执行率','得分'],[NO,NO,'年初预算数','全年预算数','全年执行数',NO,NO,NO],[NO,'年度资金总额',50,50,40,10,'80%',8]]
    return grid([*TITLE,*FACTS,*fu,HEAD,*ROWS,TOTAL],[(4,1,6,1),(4,2,5,2),(4,3,4,4),(4,6,5,6),(4,7,5,7),(4,8,5,8)]), want()


@case
def sign_target_three_columns():
    h=['一级指标','二级指标','三级指标','年度指标值',NO,NO,'实际完成值',NO,'分值','得分']
    rows=[[*LV[0],'开放天数','≥',270,'天',300,'天',40,40],[*LV[1],'到馆人次','≥',5,'万人次',4,'万人次',30,24],[*LV[2],'满意度','≥','90','%','95','%',20,20]]
    return grid([*TITLE,*FACTS,*FUNDS,h,*rows,['总分',NO,NO,NO,NO,NO,NO,NO,100,92]],[(6,4,6,6),(6,7,6,8)]), want()


@case
def score_shared_levels():
    rows=[['产出指标','数量指标','开放天数','≥270天','300天',70,64],[NO,NO,'到馆人次','≥5万人次','4万人次',NO,NO],['满意度指标','服务对象满意度指标','满意度','≥90%','95%',20,20]]
    return grid([*TITLE,*FACTS,*FUNDS,HEAD,*rows,TOTAL],[(7,1,8,1),(7,2,8,2),(7,6,8,6),(7,7,8,7)]), want(rows=[('开放天数','≥270天','300天',70,64),('到馆人次','≥5万人次','4万人次',None,None),BASE[2]])


@case
def title_after_facts():
    return grid([*FACTS,*TITLE,*FUNDS,HEAD,*ROWS,TOTAL]), want()


@case
def title_with_unit_year_brackets():
    return grid([['示例县文化馆免费开放项目支出绩效自评表（2023年度）'],['项目名称','免费开放'],*FUNDS,HEAD,*ROWS,TOTAL]), want()


@case
def percent_scores():
    h=['一级指标','二级指标','三级指标','年度指标值','实际完成值','完成率','分值','得分']
    rows=[[*LV[i],n,t,a,'100%',w,s] for i,(n,t,a,w,s) in enumerate(BASE)]
    return grid([*TITLE,*FACTS,*FUNDS,h,*rows,['总分',NO,NO,NO,NO,NO,100,92]]), want()


@case
def only_completion():
    h=['一级指标','二级指标','三级指标','年度指标值','完成率','分值','得分']
    rows=[[*LV[i],n,t,'100%',w,s] for i,(n,t,a,w,s) in enumerate(BASE)]
    return grid([*TITLE,*FACTS,*FUNDS,h,*rows,['总分',NO,NO,NO,NO,100,92]]), want(rows=[(n,t,None,w,s) for n,t,a,w,s in BASE])


@case
def text_of_goal_in_merged_row():
    return grid([*TITLE,*FACTS,*FUNDS,['年度总体目标','免费开放270天，服务5万人次。'],['完成情况','开放300天，服务4万人次。'],HEAD,*ROWS,TOTAL],[(6,2,6,8),(7,2,7,8)]), want(goals=[('免费开放270天，服务5万人次。','开放300天，服务4万人次。')])


@case
def levels_in_one_cell():
    h=['指标类型','三级指标','年度指标值','实际完成值','分值','得分','备注']
    rows=[[f'{LV[i][0]}-{LV[i][1]}',*b,NO] for i,b in enumerate(BASE)]
    return grid([*TITLE,*FACTS,*FUNDS,h,*rows,['总分',NO,NO,NO,100,92]]), want(ask=True)


@case
def year_last_line():
    return grid([['项目支出绩效自评表'],*FACTS,*FUNDS,HEAD,*ROWS,TOTAL,['填报日期：2024年3月1日']]), want()


@case
def total_with_execution():
    return grid([*TITLE,*FACTS,*FUNDS,HEAD,*ROWS,['总分（含预算执行10分）',NO,NO,NO,NO,100,92]]), want()


@case
def project_code_prefix():
    return grid([*TITLE,['项目名称','36030021R000000019951-免费开放',NO,NO,'实施单位','155001-示例县文化馆'],*FUNDS,HEAD,*ROWS,TOTAL]), want(facts={**WANT['facts'],'project_code':'36030021R000000019951','code':'155001'})


@case
def ticks():
    return grid([*TITLE,*FACTS,['项目类别','1、部门预算项目 ☑  2、市直专项 □'],['项目属性','持续性项目 √  新增性项目 □'],*FUNDS,HEAD,*ROWS,TOTAL],[(4,2,4,8),(5,2,5,8)]), want()


@case
def text_totals_in_year_line():
    return grid([['项目支出绩效自评表'],['（2023年度）        自评得分：92分'],*FACTS,*FUNDS,HEAD,*ROWS]), want(total='92分')


@case
def row_numbers_in_names():
    rows=[[*LV[i],f'{i+1}.{n}',t,a,w,s,NO] for i,(n,t,a,w,s) in enumerate(BASE)]
    return grid([*TITLE,*FACTS,*FUNDS,HEAD,*rows,TOTAL]), want(rows=[(f'{i+1}.{n}',t,a,w,s) for i,(n,t,a,w,s) in enumerate(BASE)])


@case
def actual_says_same():
    rows=[r[:] for r in ROWS]; rows[0][4]='同左'
    return grid([*TITLE,*FACTS,*FUNDS,HEAD,*rows,TOTAL]), want(rows=[('开放天数','≥270天','同左',40,40),*BASE[1:]])


@case
def two_units_two_layouts():
    two=[['部门整体支出绩效自评表'],['（2023年度）'],['部门名称','示例县图书馆'],['部门预算执行情况（万元）',NO,'全年预算数','全年执行数','分值','得分'],[NO,'总额',500,400,10,8],['一级指标','二级指标','三级指标','分值','指标值','全年实际值','得分','原因'],['产出指标','数量指标','藏书','90','10万册','10万册','90',NO],['总分',NO,NO,100,NO,NO,98]]
    return grid([*TITLE,*FACTS,*FUNDS,HEAD,*ROWS,TOTAL,[NO],*two]), want(n=2)


@case
def cover_list_beside():
    rows=[[*([NO]*8),*r] for r in [*TITLE,*FACTS,*FUNDS,HEAD,*ROWS,TOTAL]]
    rows[0][0:4]=['单位名称','项目名称','预算数','得分']; rows[1][0:4]=['示例县文化馆','免费开放',50,92]
    return grid(rows), want()


@case
def wrapped_levels():
    rows=[[LV[i][0]+'\n（40分）',LV[i][1].replace('指标','\n指标'),*b,NO] for i,b in enumerate(BASE)]
    return grid([*TITLE,*FACTS,*FUNDS,HEAD,*rows,TOTAL]), want(levels=['产出指标（40分）','效益指标（40分）','满意度指标（40分）'])


@case
def fact_labels_odd():
    return grid([*TITLE,['项目（政策）名称','免费开放',NO,NO,'项目实施单位（公章）','示例县文化馆'],*FUNDS,HEAD,*ROWS,TOTAL]), want()


@case
def head_with_formula_words():
    h=['一级指标','二级指标','三级指标','年度指标值①','实际完成值②','分值③','得分④=②/①×③','偏差原因分析及改进措施']
    return grid([*TITLE,*FACTS,*FUNDS,h,*ROWS,TOTAL]), want()


@case
def numbers_as_text_spaces():
    rows=[[*LV[i],n,t,a,f' {w} ',f' {s}.0 ',NO] for i,(n,t,a,w,s) in enumerate(BASE)]
    return grid([*TITLE,*FACTS,*FUNDS,HEAD,*rows,TOTAL]), want()


@case
def eval_self_table_vertical():
    # transposed form: heads down the left
    cols=list(zip(*[HEAD,*ROWS], strict=True))
    return grid([*TITLE,*FACTS,*FUNDS,*[list(c) for c in cols]]), dict(n=0,kind='self-evaluation')


@case
def double_title():
    return grid([['附件3'],['2023年度项目支出绩效自评情况表'],['填报单位：示例县文化馆','','','','金额单位：万元'],['项目名称','免费开放'],*FUNDS,HEAD,*ROWS,TOTAL]), want(facts={**WANT['facts'],'money_unit':'万元'})


@case
def third_level_called_otherwise():
    h = [*HEAD]; h[2] = '绩效指标'
    return grid([*TITLE, *FACTS, *FUNDS, h, *ROWS, TOTAL]), want()


@case
def targets_and_actuals_called_otherwise():
    h = [*HEAD]; h[3:5] = '年初目标', '年末完成情况'
    return grid([*TITLE, *FACTS, *FUNDS, h, *ROWS, TOTAL]), want()


@case
def a_note_among_the_names():
    return grid([*TITLE, *FACTS, *FUNDS, HEAD, ROWS[0], [NO, NO, '注：含分馆'], *ROWS[1:], TOTAL]), want()


@case
def subtotals_among_the_names():
    return grid([*TITLE, *FACTS, *FUNDS, HEAD, ROWS[0], [NO, NO, '小计', NO, NO, 40, 40], ROWS[1], [NO, NO, '效益合计', NO, NO, 30, 24], ROWS[2], TOTAL]), want()


@case
def the_label_of_the_funds_beside_the_first_line():
    funds = [[NO, *FUNDS[0][1:]], ['项目资金（万元）', *FUNDS[1][1:]]]
    return grid([*TITLE, *FACTS, *funds, HEAD, *ROWS, TOTAL]), want(facts=WANT['facts'] | {'money_unit': '万元'})


@case
def two_projects_under_one_title():
    second = [['项目名称', '购书', NO, NO, '实施单位', '示例县文化馆']]
    return grid([*TITLE, *FACTS, *FUNDS, HEAD, *ROWS, TOTAL, *second, *FUNDS, HEAD, *ROWS, TOTAL]), want(n=2)


@case
def numbered_levels():
    rows = [[f'{n}.{row[0]}', f'（{"一二三"[n - 1]}）{row[1]}', *row[2:]] for n, row in enumerate(ROWS, 1)]
    return grid([*TITLE, *FACTS, *FUNDS, HEAD, *rows, TOTAL]), want(levels=['产出指标', '效益指标', '满意度指标'])


@case
def a_column_without_a_title():
    rows = [[*row[:3], f'说明{n}', *row[3:]] for n, row in enumerate(ROWS)]
    return grid([*TITLE, *FACTS, *FUNDS, [*HEAD[:3], NO, *HEAD[3:]], *rows, ['总分', NO, NO, NO, NO, NO, 100, 92]]), want()


@case
def labels_with_brackets_inside():
    return grid([*TITLE, ['项目（专项）名称', '免费开放', NO, NO, '项目实施（主管）单位', '示例县文化馆'], *FUNDS, HEAD, *ROWS, TOTAL]), want()


@case
def a_line_of_money_on_no_list():
    funds = [*FUNDS, [NO, '某某专户款', 5, 5, 4]]
    return grid([*TITLE, *FACTS, *funds, HEAD, *ROWS, TOTAL]), want()


def labelled(project, unit='实施单位', value='免费开放', year='（2023年度）'):
    def drawn(): return grid([TITLE[0], [year], [project, value, NO, NO, unit, '示例县文化馆'], *FUNDS, HEAD, *ROWS, TOTAL]), want()
    return drawn


for words in ('项目', '项目：', '项 目', '项目支出名称', '子项目名称', '政策（项目）名称', '专项资金（项目）名称'):
    CASES[f'the project under {words}'] = labelled(words)
for words in ('资金使用（实施）单位', '项目（实施）单位：', '责任单位', '用款单位'):
    CASES[f'the unit under {words}'] = labelled('项目名称', words)
for words in ('（ 2023 ）年度', '2023（年度）', '（2023）年', '二〇二三年度', 2023):
    CASES[f'the year as {words}'] = labelled('项目名称', year=words)


@case
def the_project_behind_a_short_label_in_one_cell():
    return grid([*TITLE, ['项目：免费开放'], ['实施单位：示例县文化馆'], *FUNDS, HEAD, *ROWS, TOTAL]), want()


@case
def a_stronger_label_than_project_alone():
    return grid([*TITLE, ['项目', '文化惠民', NO, NO, '项目名称', '免费开放'], ['实施单位', '示例县文化馆'], *FUNDS, HEAD, *ROWS, TOTAL]), want()


@case
def spending_on_projects_is_no_project():
    funds = [*FUNDS, [NO, '其中：基本', 20, 20, 16], [NO, '项目', 30, 30, 24]]
    facts = WANT['facts'] | {'project': NO}
    return grid([*TITLE, ['单位名称', '示例县文化馆'], ['项目：30万元'], *funds, HEAD, *ROWS, TOTAL]), want(facts=facts)


@case
def points_behind_the_level_on_rows_of_their_own():
    rows = [line for name, row in zip(('一、产出指标【50分】', '二、效益指标：30分', '三、满意度指标 10'), ROWS, strict=True) for line in ([name], [NO, *row[1:]])]
    return grid([*TITLE, *FACTS, *FUNDS, HEAD, *rows, TOTAL]), want(levels=['产出指标', '效益指标', '满意度指标'])


for words in ('（续表）', '续表', '（接上表）', '（接上页）'):
    CASES[f'{words} over the width'] = lambda words=words: (
        grid([*TITLE, *FACTS, *FUNDS, HEAD, *ROWS[:2], [words], HEAD, ROWS[2], TOTAL], [(9, 1, 9, 8)]), want())
    CASES[f'{words} in one cell'] = lambda words=words: (grid([*TITLE, *FACTS, *FUNDS, HEAD, *ROWS[:2], [words], HEAD, ROWS[2], TOTAL]), want())
for words in ('指标1：xxx', '指标2：XX指标', '不适用', '无', '指标3：无', '××指标', '指标名称', '指标1：……', '指标2：  /'):
    for filler in (NO, '—', '/'):
        CASES[f'{words} and {filler} for a row'] = lambda words=words, filler=filler: (
            grid([*TITLE, *FACTS, *FUNDS, HEAD, ROWS[0], ['产出指标', '质量指标', words, *[filler] * 4], *ROWS[1:], TOTAL]), want())


@case
def a_name_like_a_filler_with_values():
    row = ['产出指标', '质量指标', '指标2', '≥1', '1', 5, 5]
    return grid([*TITLE, *FACTS, *FUNDS, HEAD, *ROWS, row, TOTAL]), want(rows=[*BASE, ('指标2', '≥1', '1', 5, 5)])


@case
def a_name_with_fillers_for_values():
    row = ['产出指标', '质量指标', '藏书完好率', *['—'] * 4]
    return grid([*TITLE, *FACTS, *FUNDS, HEAD, *ROWS, row, TOTAL]), want(rows=[*BASE, ('藏书完好率', '—', '—', '', '')])


def headed(**heads):
    """The form with some heads otherwise; a reason stands on the second row."""
    h = [heads.get(key, own) for key, own in zip(('l1', 'l2', 'l3', 'target', 'actual', 'weight', 'score', 'reason'), HEAD, strict=True)]
    rows = [ROWS[0], [*ROWS[1][:7], '闭馆一月'], ROWS[2]]
    return grid([*TITLE, *FACTS, *FUNDS, h, *rows, TOTAL]), want(reasons=['', '闭馆一月', ''])


for words in ('差异原因', '偏差情况说明', '未达标原因分析', '失分原因', '扣分理由', '偏差说明', '偏差（未完成）原因分析及改进措施'):
    CASES[f'reasons under {words}'] = lambda words=words: headed(reason=words)
for words in ('年末实际完成值', '自评完成值', '年度实际值', '完成数'):
    CASES[f'actuals under {words}'] = lambda words=words: headed(actual=words)
CASES['targets under 年初设定目标值'] = lambda: headed(target='年初设定目标值')
for words in ('单位自评', '实得分', '自评打分'):
    CASES[f'scores under {words}'] = lambda words=words: headed(score=words)
for words in ('总分合计', '项目总得分', '绩效自评得分', '总 计 得 分'):
    CASES[f'the total as {words}'] = lambda words=words: (grid([*TITLE, *FACTS, *FUNDS, HEAD, *ROWS, [words, *TOTAL[1:]]]), want())


@case
def numbers_of_goals_that_were_not_written():
    goals = [['年度目标', '预期目标', NO, NO, NO, '实际完成情况'], [NO, '目标1：开放270天', NO, NO, NO, '开放300天'], [NO, '目标2：……'], [NO, '目标3：', NO, NO, NO, '/']]
    return grid([*TITLE, *FACTS, *FUNDS, *goals, HEAD, *ROWS, TOTAL], [(6, 1, 9, 1)]), want(goals=[('目标1：开放270天', '开放300天')])


for words in ('示例县文化馆2023年度“免费开放”项目支出绩效自评表', '2023年示例县文化馆《免费开放》项目支出绩效自评表', '示例县文化馆"免费开放"项目绩效自评表（2023年度）'):
    CASES[f'all in the title {words}'] = lambda words=words: (grid([[words], *FUNDS, HEAD, *ROWS, TOTAL]), want())
