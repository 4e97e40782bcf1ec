"""Distinct values a second through `read_value` in CPU time of one core, cold cache; then the same from the cache.

Run: python tests/benchmarks/values_speed.py
"""

import time

from perfxl.values import read_value, reading

FORMS = (
    "{n}场", "≥{n}%", "{n}万人次", "不少于{n}小时", "{n}.5万元", "{n}%以上", "约{n}次", "{n}余册", "{n}",
    "完成{n}个", "举办讲座{n}场", "{n}-{m}次", "≤{n}元/人·月", "达到{n}%", "{n},000册",
    "2020年{k}月{d}日前", "小于{n}‰", "读者满意度≥{n}%", "新增图书{n}册（种）",
    "质量提升{n}号文件要求落实",
)  # fmt: skip


def distinct_values(count: int) -> list[str]:
    values = []
    number = 0
    while len(values) < count:
        number += 1
        fields = {"n": number, "m": number + 7, "k": number % 12 + 1, "d": number % 28 + 1}
        values += [form.format(**fields) for form in FORMS]
    return list(dict.fromkeys(values))[:count]


def main() -> None:
    values = distinct_values(60_000)
    rates = []
    for _ in range(3):
        reading._read_with_unit.cache_clear()
        start = time.process_time()
        for value in values:
            read_value(value, unit=None, fiscal_year=2020)
        rates.append(len(values) / (time.process_time() - start))
    repeated = values[:1000] * 60
    start = time.process_time()
    for value in repeated:
        read_value(value, unit=None, fiscal_year=2020)
    cached = len(repeated) / (time.process_time() - start)
    print(f"{len(values)} distinct values: {max(rates):,.0f}/s (runs: {', '.join(f'{rate:,.0f}' for rate in rates)})")
    print(f"repeated values: {cached:,.0f}/s")


if __name__ == "__main__":
    main()
