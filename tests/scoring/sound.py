"""The published schemes, and three policies with nothing wrong, to make mistakes in; these use every notion."""

from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
SCHEMES = sorted(
    [
        *ROOT.glob("config/policy/*.toml"),
        *ROOT.glob("tests/cities/*/policy/*.toml"),
        *ROOT.glob("tests/scoring/authorities/*/policy*.toml"),
        *ROOT.glob("tests/scoring/policies/*.toml"),
    ]
)
REFERENCE = 'reference = { document = "办法", article = "第一条" }'

# `@` stands for a reference, so that a reader sees what matters.
STANDING = """\
id = "T-1"
title = "试行办法"
since = 2026-01-01
until = 2027-01-01
@
[scale]
made_of = "standing"
base = 100
floor = 0
bonus_at_most = 5
counted_by = "year"

[unrated]
first_days = 180
months_without_inspection = 24
yields_to_veto = true
[[unrated.classes]]
grade = "M"
title = "托管"
record = "L05"
from = 40

[[bands]]
grade = "A"
from = 90
needs_onsite_months = 12
visit_after_months = 10
visit_within_months = 13
[[bands]]
grade = "B"
from = 60
below = 90
[[bands]]
grade = "C"
below = 60
proposes = "watch"
proposes_months = 6

[[groups]]
code = "安全"
title = "安全各项"
cap = 15
@

[[indicators]]
code = "L01"
title = "地址不符"
points = 20
cap = 41
severity = "一般"
months = 11
restore = "half"
gate = "O"
@
[[indicators]]
code = "L02"
title = "隐患（旧）"
points = 7
group = "安全"
until = 2026-07-01
@
[[indicators]]
code = "L02"
title = "隐患（新）"
points = 8
group = "安全"
since = 2026-07-01
@
[[indicators]]
code = "L03"
title = "逃匿"
points = 0
severity = "严重"
gate = "PJ"
limits_grade_to = "C"
black_proposal = true
@
[[indicators]]
code = "L04"
title = "逾期"
points = 10
cap = 30
grows_by = 5
grows_every_days = 31
@
[[indicators]]
code = "L05"
title = "托管"
points = 0
@
[[indicators]]
code = "J01"
title = "表彰"
points = 2
bonus = true
@

[[white]]
kind = "licence"
title = "许可证有效"
@
[[white]]
kind = "annual_inspection"
title = "年检合格"
results = ["合格"]
months = 18
@
[[white]]
kind = "no_record"
title = "没有严重失信"
severities = ["严重"]
@
[[white]]
kind = "inspected"
title = "有现场检查"
months = 14
@
[[white]]
kind = "custody"
title = "有监管专户"
days = 45
@
[[white]]
kind = "cover"
title = "有保险"
classes = ["premises"]
sum_at_least = 100_000_00
@
[[white]]
kind = "grade"
title = "等级"
grades = ["A"]
@
""".replace("@", REFERENCE)

INSPECTION = """\
id = "T-2"
title = "按检查计分"
since = 2026-01-01
@
[scale]
made_of = "inspection"
base = 0
ceiling = 50
better = "lower"
inspection_kinds = ["首次", "复查"]
[[bands]]
grade = "好"
to = 5
[[bands]]
grade = "中"
above = 5
to = 5.5
[[bands]]
grade = "差"
above = 5.5
[cycle]
first_kinds = ["首次"]
again_kinds = ["复查"]
at_once = ["好"]
pending = "待复查"
@
[[unknown]]
title = "没有公开的各项"
points = 4
@
[[indicators]]
code = "V"
title = "发现"
points = 2.5
@
""".replace("@", REFERENCE)

MEASURES = """\
id = "T-3"
title = "按分项相加"
since = 2026-01-01
@
[scale]
made_of = "measures"
better = "lower"
floor = 0
measures = ["卫生", "管理"]
[[bands]]
grade = "5"
from = 0
to = 15
no_single_above = 10
[[bands]]
grade = "3"
above = 15
to = 30
no_single_above = 20
[[bands]]
grade = "0"
above = 30
""".replace("@", REFERENCE)
