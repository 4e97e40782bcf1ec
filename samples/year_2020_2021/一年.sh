#!/bin/sh
# 财政部门的一年（示例，单位和数字都是编的）：sh samples/year_2020_2021/一年.sh 结果文件夹
# 第一轮收件、通知、裁定、复核、退回后再报、复核后有改动、最终得分；下一年的填报表、收件。
set -e
here="$(dirname "$0")"
out="${1:-out/year}"
mkdir -p "$out"

# 一、第一轮：汇总，写退回通知。美术馆的编码是非遗中心的，两份都等裁定；少年宫没有报。
perfxl consolidate "$here/2020第一轮" --roster "$here/名单2020.xlsx" --ledger "$out/台账.sqlite" -o "$out/2020第一轮.xlsx" \
  --letters "$out/通知" --deadline 2021-03-31 --today 2021-03-15

# 二、在“待裁定”里写明美术馆那份是它的，再汇总；给每个主管部门一份复核表。
perfxl consolidate "$here/2020第一轮" --roster "$here/名单2020.xlsx" --ledger "$out/台账.sqlite" -o "$out/2020裁定后.xlsx" \
  --decisions "$here/裁定2020.xlsx" --review-sheets "$out/复核1" --today 2021-03-20

# 三、复核表填好了，退回的也报来了：博物馆改了复核过的一行（复核后有改动），第二中学少了一行（未归位），少年宫补报。
perfxl consolidate "$here/2020第一轮" "$here/2020第二轮" --roster "$here/名单2020.xlsx" --ledger "$out/台账.sqlite" -o "$out/2020第二轮.xlsx" \
  --review "$here/复核第一轮" --review-sheets "$out/复核2" --letters "$out/通知" --today 2021-04-10

# 四、改动后的那一行确认了：最终得分。
perfxl consolidate "$here/2020第一轮" "$here/2020第二轮" --roster "$here/名单2020.xlsx" --ledger "$out/台账.sqlite" -o "$out/2020最终.xlsx" \
  --review "$here/复核第二轮" --today 2021-04-30

# 五、下一年：群众艺术馆改了名、换了编码（名单上写着曾用名），职业学校并入第一中学；各单位的填报表带着自己上年的指标、分值和完成值。
perfxl template --roster "$here/名单2021.xlsx" --from "$out/台账.sqlite" -o "$out/2021填报表"
perfxl consolidate "$here/2021" --roster "$here/名单2021.xlsx" --ledger "$out/台账.sqlite" -o "$out/2021.xlsx" --today 2022-04-30
