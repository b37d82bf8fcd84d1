"""Mistakes in a policy, one a line, for readers of the law: what is written, and what is to be said."""

from collections.abc import Iterator
from typing import NamedTuple

import pytest

from scoring import PolicyError, Problem, load_policy
from tests.scoring.sound import REFERENCE

# One mistake a line: what is written ⇒ what is written instead | its place | words of the remedy | its line.
# ↵ is a line's end, ∅ nothing, @ a reference; the line is that of the change, or of », or the text named.
# ； is another change.
# ＋ says that other mistakes follow from this one.
STANDING_MISTAKES = r"""
# Values of the wrong kind
points = 20 ⇒ points = "many" | indicators[1] L01 · points | 应当是数
points = 20 ⇒ points = "20" | indicators[1] L01 · points | 不加引号
from = 90 ⇒ from = "90" | bands[1] A · from | 不加引号
points = 20 ⇒ points = [1, 2] | indicators[1] L01 · points | 应当是数
points = 20 ⇒ points = true | indicators[1] L01 · points | 应当是数
points = 20 ⇒ points = -20 | indicators[1] L01 · points | bonus = true
points = 20 ⇒ points = nan | indicators[1] L01 · points | 确定的数
points = 20 ⇒ points = -inf | indicators[1] L01 · points | 确定的数
points = 20 ⇒ points = 1e99 | indicators[1] L01 · points | 太大
points = 20 ⇒ points = 1e99999999999999999999 | indicators[1] L01 · points | 确定的数
points = 20 ⇒ points = 0xffffffffffffffffff | indicators[1] L01 · points | 太大
points = 20 ⇒ points = 0.0000001 | indicators[1] L01 · points | 小数点后至多 6 位
cap = 41 ⇒ cap = 0 | indicators[1] L01 · cap | 大于 0
months = 11 ⇒ months = 11.5 | indicators[1] L01 · months | 整数
months = 11 ⇒ months = "11" | indicators[1] L01 · months | 整数
months = 11 ⇒ months = 0 | indicators[1] L01 · months | 1 到 1200
months = 11 ⇒ months = 120000 | indicators[1] L01 · months | 1 到 1200
first_days = 180 ⇒ first_days = -1 | unrated.first_days | 0 到 36500
sum_at_least = 100_000_00 ⇒ sum_at_least = 0 | white[6] cover · sum_at_least | 1 到
bonus = true ⇒ bonus = "true" | indicators[7] J01 · bonus | 不加引号
gate = "PJ" ⇒ gate = "X" | indicators[4] L03 · gate | "F"、"J"、"O"、"P"、"PJ"
severity = "一般" ⇒ severity = 2 | indicators[1] L01 · severity | 或删去
results = ["合格"] ⇒ results = ["合格", "好"] | white[2] annual_inspection · results[2] | 之一
results = ["合格"] ⇒ results = "合格" | white[2] annual_inspection · results | 应当是列表
since = 2026-01-01 ⇒ since = "2026-01-01" | since | 不加引号
since = 2026-01-01 ⇒ since = 2026-01-01T00:00:00 | since | 不带时间
since = 2026-01-01 ⇒ since = 07:32:00 | since | 应当是日期
id = "T-1" ⇒ id = 1 | id | 应当是文字
id = "T-1" ⇒ id = " " | id | 没有内容
id = "T-1" ⇒ id = "T-1 " | id | 首尾有空格
title = "试行办法" ⇒ title = "" | title | 没有内容
title = "试行办法" ⇒ title = "试行\u0007办法" | title | 控制字符
code = "L01" ⇒ code = "L01\u200b" | indicators[1] “L01\u200b” · code | 看不见的字符
# Names nobody knows, and things that are missing
points = 20 ⇒ points = 20 ↵ »month = 3 | indicators[1] L01 · month | 没有名称是“month”的项
grade = "A" ⇒ grade = "A" ↵ »abcdefghijklmnopqrstuvwxyz0123456789-_wxy = 90 | bands[1] A · “abcdefghijklmnopqrstuvwxyz0123456789-_wx…” | 没有名称是“abcdefghijklmnopqrstuvwxyz0123456789-_wx”的项
grade = "A" ⇒ grade = "A" ↵ »frm = 90 | bands[1] A · frm | 没有名称是“frm”的项
cap = 41 ⇒ capp = 41 | indicators[1] L01 · capp | 想写的也许是 cap
first_days = 180 ⇒ zzz = 180 | unrated.zzz | 这里可以写 grade、suspended_grade
id = "T-1" ⇒ id = "T-1" ↵ »digest = "00" | digest | 由系统计算
points = 20 ⇒ ∅ | indicators[1] L01 · points | 缺少这一项 | [[indicators]] ↵ code = "L01"
id = "T-1" ⇒ ∅ | id | 缺少这一项
[unrated] ↵ first_days = 180 ⇒ [unrated] ↵ »0.a = 1 ↵ first_days = 180 | unrated.0 | 没有名称
id = "T-1" ⇒ id = "T-1" ↵ »base = 100 | base | 写在 [scale] 下
floor = 0 ⇒ floor = 0 ↵ »id = "T-2" | scale.id | 另一版办法请另存为一个文件
floor = 0 ⇒ floor = 0 ↵ »bands = [] | scale.bands | 写在 [[bands]] 下
floor = 0 ⇒ floor = 0 ↵ »record = "L05" | scale.record | 写在 [[unrated.classes]] 下
floor = 0 ⇒ floor = 0 ↵ »first_kinds = ["日常"] | scale.first_kinds | 写在 [cycle] 下
floor = 0 ⇒ floor = 0 ↵ »classes = [] | scale.classes | 写在 [[unrated.classes]] 下
grade = "A" ⇒ grade = "A" ↵ »points = 3 | bands[1] A · points | 写在 [[indicators]] 下，或者 [[unknown]] 下
[scale] ⇒ [[scale]] | scale | 请用表头 [scale]
first_days = 180 ↵ months_without_inspection = 24 ↵ yields_to_veto = true ↵ [[unrated.classes]] ↵ grade = "M" ↵ title = "托管" ↵ record = "L05" ↵ from = 40 ⇒ first_days = 180 ↵ »classes = ["M"] | unrated.classes[1] | 请用表头 [[unrated.classes]]
floor = 0 ⇒ florr = 0 | scale.florr | 想写的也许是 floor
code = "安全" ⇒ code = "安全" ↵ »also = ["办法"] | groups[1] “安全” · also | 写在 [[indicators]] 下
gate = "O" ⇒ gate = "O" ↵ »also = ["办法"] | indicators[1] L01 · also[1] | document = "文件"
since = 2026-01-01 ⇒ since = 1899-12-31 | since | 年份请写 1900 到 2199
until = 2027-01-01 ⇒ until = 2200-01-01 | until | 没有终止日的不写 until
title = "逃匿" ⇒ title = "逃匿" ↵ »"奇 怪" = 1 | indicators[4] L03 · “奇 怪” | 没有名称
# The policy and its scale
until = 2027-01-01 ⇒ until = 2026-01-01 | ＋ until | 晚于起始日
floor = 0 ⇒ floor = 101 | ＋ scale.floor | 不能高于起始分
floor = 0 ⇒ floor = 100 | ＋ scale.floor | 一分也扣不了
floor = 0 ⇒ floor = 0 ↵ »ceiling = 105.5 | scale.ceiling | 分数最高是 105
floor = 0 ⇒ floor = 0 ↵ »ceiling = 1000000001 | scale.ceiling | 太大
floor = 0 ⇒ floor = 0 ↵ »ceiling = 1000000000.5 | scale.ceiling | 太大
floor = 0 ⇒ floor = 0 ↵ »ceiling = 99 | scale.ceiling | 不能低于起始分
floor = 0 ⇒ floor = 0 ↵ »measures = ["a"] | scale.measures | 分项相加
floor = 0 ⇒ floor = 0 ↵ »inspection_kinds = ["日常"] | scale.inspection_kinds | 请删去
floor = 0 ⇒ floor = 0 ↵ »year_begins_month = 13 | scale.year_begins_month | 1 到 12
bonus_at_most = 5 ⇒ bonus_at_most = -5 | scale.bonus_at_most | 大于 0
bonus_at_most = 5 ⇒ bonus_at_most = 0 | scale.bonus_at_most | 大于 0
bonus_at_most = 5 ⇒ bonus_at_most = 1 | indicators[7] J01 · points | 一次也加不满 | points = 2 ↵ bonus
bonus = true ⇒ ∅ | scale.bonus_at_most | 没有一项指标是加分 | bonus_at_most
# Who has no grade
record = "L05" ⇒ record = "L99" | ＋ unrated.classes[1] M · record | 没有这个编码
from = 40 ⇒ from = 106 | unrated.classes[1] M · from | 永远达不到
first_days = 180 ↵ months_without_inspection = 24 ↵ yields_to_veto = true ↵ [[unrated.classes]] ↵ grade = "M" ↵ title = "托管" ↵ record = "L05" ↵ from = 40 ⇒ yields_to_veto = true | ＋ unrated.yields_to_veto | 没有写谁不评等级
limits_grade_to = "C" ⇒ ∅ | unrated.yields_to_veto | 永远不起作用 | yields_to_veto
first_days = 180 ⇒ first_days = 180 ↵ grade = "M" | unrated.classes[1] M · grade | 同名 | grade = "M" ↵ title
first_days = 180 ⇒ first_days = 180 ↵ grade = "B" | bands[2] B · grade | unrated.grade 同名 | grade = "B" ↵ from
first_days = 180 ⇒ first_days = 180 ↵ grade = "S" | unrated.suspended_grade | 同名 | [unrated]
[[bands]] ↵ grade = "A" ⇒ [cycle] ↵ first_kinds = ["a"] ↵ again_kinds = ["b"] ↵ at_once = ["A"] ↵ pending = "P" ↵ @ ↵ [[bands]] ↵ grade = "A" | cycle | 请删去
[[bands]] ↵ grade = "A" ⇒ [[unrated.classes]] ↵ grade = "M" ↵ title = "又" ↵ »record = "L05" ↵ from = 40 ↵ [[bands]] ↵ grade = "A" | unrated.classes[2] M · record | 都已经符合前面
[[bands]] ↵ grade = "A" ⇒ [[unrated.classes]] ↵ grade = "M2" ↵ title = "又" ↵ »record = "L05" ↵ from = 90 ↵ [[bands]] ↵ grade = "A" | unrated.classes[2] M2 · record | 都已经符合前面
record = "L05" ↵ from = 40 ⇒ record = "L03" | ＋ unrated.classes[1] M · record | yields_to_veto 让否决优先
# References
reference = { document = "办法", article = "第一条" } ↵ [scale] ⇒ »reference = { document = "办法", article = "待定" } ↵ [scale] | reference.article | 哪一条
reference = { document = "办法", article = "第一条" } ↵ [scale] ⇒ »reference = { document = "——", article = "第一条" } ↵ [scale] | reference.document | 哪个文件
# Bands
from = 60 ↵ below = 90 ⇒ from = 61 ↵ below = 90 | bands[3] C · below | 60 到 61 之间没有等级 | below = 60
from = 60 ↵ below = 90 ⇒ from = 59 ↵ below = 90 | bands[3] C · below | 59 到 60 的分数重叠 | below = 60
from = 60 ↵ below = 90 ⇒ from = 60 ↵ »to = 90 | bands[2] B · to | 90 分有两个等级
grade = "A" ↵ from = 90 ⇒ grade = "A" ↵ above = 90 | bands[2] B · below | 90 分没有等级 | below = 90
from = 60 ↵ below = 90 ⇒ from = 60 | bands[2] B | 写上限 | [[bands]] ↵ grade = "B"
from = 60 ↵ below = 90 ⇒ below = 90 | bands[2] B | 写下限 | [[bands]] ↵ grade = "B"
from = 60 ↵ below = 90 ⇒ from = 60 ↵ »above = 60 ↵ below = 90 | bands[2] B · above | 只能写一个
from = 60 ↵ below = 90 ⇒ from = 60 ↵ below = 90 ↵ »to = 90 | bands[2] B · to | 只能写一个
grade = "B" ⇒ grade = "A" | bands[2] A · grade | 写了 2 次 | grade = "A" ↵ from = 60
[[bands]] ↵ grade = "A" ⇒ [[bands]] ↵ grade = "A" ↵ from = 95 ↵ [[bands]] ↵ grade = "A" ↵ from = 92 ↵ below = 95 ↵ [[bands]] ↵ grade = "A" | ＋ bands[3] A · grade | 写了 3 次 | grade = "A" ↵ from = 90
from = 60 ↵ below = 90 ⇒ from = 60 ↵ below = 60 | ＋ bands[2] B · below | 上限应当大于下限 60 | below = 60
grade = "A" ↵ from = 90 ⇒ grade = "A" ↵ from = 90 ↵ »below = 105 | bands[1] A · below | 分数最高是 105
grade = "A" ↵ from = 90 ⇒ grade = "M" ↵ from = 90 | ＋ bands[1] M · grade | 与 unrated.classes 的 grade 同名
grade = "A" ↵ from = 90 ⇒ grade = "S" ↵ from = 90 | ＋ bands[1] S · grade | 看不出有没有评定
below = 60 ⇒ below = 60 ↵ »needs_onsite_months = 9 | bands[3] C · needs_onsite_months | 没有更低的等级
visit_within_months = 13 ⇒ visit_within_months = 9 | bands[1] A · visit_within_months | 不能小于最早的月数
visit_within_months = 13 ⇒ no_single_above = 3 | bands[1] A · no_single_above | 分项相加
proposes_months = 6 ⇒ ∅ | bands[3] C · proposes_months | 请再写 proposes_months | [[bands]] ↵ grade = "C"
proposes_months = 6 ⇒ needs_onsites_months = 6 | ＋ bands[3] C · proposes_months | 请再写 proposes_months | [[bands]] ↵ grade = "C"
proposes = "watch" ⇒ ∅ | bands[3] C · proposes | 请再写 proposes | [[bands]] ↵ grade = "C"
visit_within_months = 13 ⇒ visit_within_months = 13 ↵ »proposes = "watch" ↵ proposes_months = 3 | bands[1] A · proposes | 最好的等级
below = 60 ⇒ from = 14 ↵ below = 60 ↵ [[bands]] ↵ grade = "D" ↵ »below = 14 | ＋ bands[4] D · below | 分数最低是 14，到不了这一级
# Groups and indicators
cap = 15 ↵ @ ⇒ cap = 15 ↵ »reference = "办法" | groups[1] “安全” · reference | 应当是一张表
cap = 15 ⇒ cap = 7.5 | groups[1] “安全” · cap | 分组的上限小于“L02”一次的分值
cap = 41 ⇒ cap = 19 | indicators[1] L01 · cap | 上限小于一次的分值
months = 11 ⇒ months = 13 | indicators[1] L01 · months | 超过 12 个月永远用不上
months = 11 ⇒ months = 11 ↵ until_next = "inspection" | indicators[1] L01 · months | 只能写一个
gate = "O" ⇒ gate = "O" ↵ »black_proposal = true | indicators[1] L01 · black_proposal | 第十一条
gate = "O" ⇒ gate = "O" ↵ »limits_grade_to = "A" | indicators[1] L01 · limits_grade_to | 等于没有限制
gate = "O" ⇒ gate = "O" ↵ »limits_grade_to = "Z" | indicators[1] L01 · limits_grade_to | 已有的等级是“A”、“B”、“C”
gate = "O" ⇒ gate = "O" ↵ »limit_ends_when_passed = true | indicators[1] L01 · limit_ends_when_passed | 没有限制可以解除
gate = "O" ⇒ gate = "O" ↵ »dated_by = "determined" | indicators[1] L01 · dated_by | 没有写起止日期
gate = "O" ⇒ gate = "O" ↵ »since = 2027-01-01 | indicators[1] L01 · since | 移到下一版
gate = "O" ⇒ gate = "O" ↵ since = 2026-05-01 ↵ »until = 2026-05-01 | indicators[1] L01 · until | 晚于起始日
severity = "一般" ⇒ severity = "严重" | indicators[1] L01 · restore | 严重失信不得提前恢复 | restore
severity = "严重" ⇒ severity = "严重" ↵ »forgives_first = true | indicators[4] L03 · forgives_first | 没有首次不计
severity = "严重" ⇒ severity = "严重" ↵ »cap = 3 | indicators[4] L03 · cap | 0 分没有上限可说
severity = "严重" ⇒ severity = "严重" ↵ »group = "安全" | indicators[4] L03 · group | 0 分占不了
title = "托管" ↵ points = 0 ⇒ title = "托管" ↵ points = 0 ↵ »restore = "half" | indicators[6] L05 · restore | 没有一半可以恢复
grows_by = 5 ⇒ grows_by = 0 | indicators[5] L04 · grows_by | 大于 0
grows_by = 5 ⇒ ∅ | indicators[5] L04 · grows_by | 请再写 grows_by | [[indicators]] ↵ code = "L04"
grows_every_days = 31 ⇒ ∅ | indicators[5] L04 · grows_every_days | 请再写 grows_every_days | [[indicators]] ↵ code = "L04"
cap = 30 ⇒ cap = 10 | indicators[5] L04 · grows_by | 一次也加不满 | grows_by
cap = 30 ⇒ cap = 14 | indicators[5] L04 · grows_by | 一次也加不满 | grows_by
cap = 30 ↵ grows_by = 5 ⇒ group = "安全" ↵ »grows_by = 6 | indicators[5] L04 · grows_by | 一次也加不满
cap = 30 ↵ grows_by = 5 ⇒ group = "安全" ↵ »cap = 16 ↵ grows_by = 5 | indicators[5] L04 · cap | 大于所在分组的上限
grows_every_days = 31 ⇒ grows_every_days = 366 | indicators[5] L04 · grows_every_days | 一次也不会增加
grows_every_days = 31 ⇒ months = 2 ↵ »grows_every_days = 62 | indicators[5] L04 · grows_every_days | 一次也不会增加
points = 2 ⇒ points = 2 ↵ »cap = 6 | indicators[7] J01 · cap | 大于加分合计的上限
points = 2 ⇒ points = 2 ↵ cap = 4 | scale.bonus_at_most | 合计至多 4 | bonus_at_most
points = 2 ↵ bonus = true ⇒ points = 2 ↵ bonus = true ↵ group = "荣誉" ↵ @ ↵ [[groups]] ↵ code = "荣誉" ↵ title = "各项荣誉" ↵ »cap = 6 | groups[2] “荣誉” · cap | 大于加分合计的上限
points = 7 ↵ group = "安全" ⇒ points = 7 ↵ cap = 14 ↵ group = "安全" ； points = 8 ↵ group = "安全" ⇒ points = 8 ↵ cap = 14 ↵ group = "安全" | groups[1] “安全” · cap | 大于各成员上限 cap 的合计 | cap = 15
points = 2 ⇒ points = 0 | indicators[7] J01 · points | 永远不起作用 | points = 0 ↵ bonus
bonus = true ⇒ bonus = true ↵ »gate = "P" | indicators[7] J01 · gate | 加分的指标
bonus = true ⇒ bonus = true ↵ »restore = "full" | indicators[7] J01 · restore | 加分的指标
bonus = true ⇒ bonus = true ↵ »severity = "一般" | indicators[7] J01 · severity | 加分的指标
bonus = true ⇒ bonus = true ↵ »forgives_first = true | indicators[7] J01 · forgives_first | 加分的指标
bonus = true ⇒ bonus = true ↵ »grows_by = 1 ↵ grows_every_days = 3 | indicators[7] J01 · grows_by | 加分的指标
bonus = true ⇒ bonus = true ↵ »limits_grade_to = "C" | indicators[7] J01 · limits_grade_to | 加分的指标
bonus = true ⇒ bonus = true ↵ »black_proposal = true | ＋ indicators[7] J01 · black_proposal | 加分的指标
bonus = true ⇒ bonus = true ↵ group = "安全" | groups[1] “安全” · code | 有扣分也有加分 | code = "安全"
cap = 15 ↵ @ ⇒ cap = 15 ↵ @ ↵ [[groups]] ↵ code = "消防" ↵ title = "消防各项" ↵ cap = 9 ↵ @ | groups[2] “消防” · code | 没有一项指标属于这个分组 | code = "消防"
code = "安全" ⇒ code = "消防" | ＋ indicators[2] L02 · group | 没有这个分组 | group = "安全"
code = "安全" ↵ title = "安全各项" ⇒ code = "安全" ↵ title = "一" ↵ cap = 99 ↵ @ ↵ [[groups]] ↵ »code = "安全" ↵ title = "二" | ＋ groups[2] “安全” · code | 编码重复
title = "逃匿" ⇒ title = "逃匿" ↵ »outlasts_year = true | indicators[4] L03 · outlasts_year | 计到什么时候
visit_within_months = 13 ⇒ no_single_below = 3 | bands[1] A · no_single_below | 分项相加
# Rules of one code that follow one another
until = 2026-07-01 ⇒ until = 2026-06-01 | indicators[3] L02 · since | 没有规则：请写 since = 2026-06-01 | since = 2026-07-01
until = 2026-07-01 ⇒ until = 2026-08-01 | indicators[3] L02 · since | 日期重叠：请写 since = 2026-08-01 | since = 2026-07-01
until = 2026-07-01 ⇒ ∅ | indicators[3] L02 · since | 请给前一条写 until = 2026-07-01 | since = 2026-07-01
code = "L04" ⇒ code = "L01" | indicators[5] L01 · code | 编码重复 | code = "L01" ↵ title = "逾期"
code = "L01" ⇒ code = "L01" ↵ title = "甲" ↵ points = 3 ↵ @ ↵ [[indicators]] ↵ code = "L01" ↵ title = "乙" ↵ points = 3 ↵ @ ↵ [[indicators]] ↵ »code = "L01" | ＋ indicators[3] L01 · code | 编码重复
since = 2026-07-01 ⇒ since = 2026-07-01 ↵ »dated_by = "determined" | indicators[3] L02 · dated_by | 同一种日期
since = 2026-07-01 ⇒ since = 2026-07-01 ↵ »cap = 9 | indicators[3] L02 · cap | 只能有一个上限
points = 8 ↵ group = "安全" ⇒ points = 8 | indicators[3] L02 · group | 在同一个分组 | [[indicators]] ↵ code = "L02" ↵ title = "隐患（新）"
since = 2026-07-01 ⇒ since = 2026-07-01 ↵ »bonus = true | ＋ indicators[3] L02 · bonus | 不能有时扣分有时加分
until = 2026-07-01 ↵ @ ↵ [[indicators]] ↵ code = "L02" ⇒ until = 2026-07-01 ↵ dated_by = "determined" ↵ @ ↵ [[indicators]] ↵ code = "L02" ↵ dated_by = "determined" ↵ »gate = "P" | indicators[3] L02 · gate | 认定要是同一种
# The white list
kind = "licence" ⇒ kind = "licence" ↵ »days = 3 | white[1] licence · days | 不用别的值
months = 18 ⇒ months = 18 ↵ »days = 3 | white[2] annual_inspection · days | 只用 results、months
months = 14 ⇒ months = 14 ↵ »days = 3 | white[4] inspected · days | 只用 months
months = 14 ⇒ ∅ | white[4] inspected · months | 要写明 months | [[white]] ↵ kind = "inspected"
classes = ["premises"] ⇒ ∅ | white[6] cover · classes | 要写明 classes | [[white]] ↵ kind = "cover"
classes = ["premises"] ⇒ classes = ["premises", "premises"] | white[6] cover · classes | 写了 2 次
grades = ["A"] ⇒ ∅ | white[7] grade · grades | 要写明 grades | [[white]] ↵ kind = "grade"
grades = ["A"] ⇒ grades = ["A", "N"] | white[7] grade · grades | 没有等级“N”
severities = ["严重"] ⇒ ∅ | white[3] no_record · codes | 请写明不得有哪些记录 | [[white]] ↵ kind = "no_record"
severities = ["严重"] ⇒ severities = ["轻微"] | white[3] no_record · severities | 没有一项指标的严重程度是“轻微”
severities = ["严重"] ⇒ severities = [""] | white[3] no_record · severities | 请用 codes 列出
severities = ["严重"] ⇒ codes = ["J01"] | white[3] no_record · codes | 加分的编码
severities = ["严重"] ⇒ codes = ["L99"] | white[3] no_record · codes | 没有编码“L99”的指标
title = "有监管专户" ⇒ title = "有监管专户" ↵ »except_kinds = [""] | white[5] custody · except_kinds[1] | 没有内容
title = "有监管专户" ⇒ title = "有监管专户" ↵ »except_kinds = ["幼儿园 "] | white[5] custody · except_kinds[1] | 首尾有空格
title = "有监管专户" ⇒ title = "有监管专户" ↵ »except_kinds = ["幼儿园", "幼儿园"] | white[5] custody · except_kinds | 写了 2 次
kind = "inspected" ↵ title = "有现场检查" ↵ months = 14 ⇒ kind = "platform" ↵ title = "又" ↵ except_kinds = ["小学"] ↵ @ ↵ [[white]] ↵ »kind = "platform" ↵ title = "又" ↵ except_kinds = ["中学"] | white[5] platform · kind | 只留一条
kind = "inspected" ↵ title = "有现场检查" ↵ months = 14 ⇒ kind = "licence" ↵ title = "有现场检查" | white[4] licence · kind | 只留一条
kind = "inspected" ↵ title = "有现场检查" ↵ months = 14 ⇒ kind = "custody" ↵ title = "又" ↵ days = 30 | white[5] custody · kind | 只留一条 | kind = "custody" ↵ title = "有监管专户"
kind = "inspected" ↵ title = "有现场检查" ↵ months = 14 ⇒ kind = "no_record" ↵ title = "又" ↵ severities = ["严重"] | white[4] no_record · kind | 只留一条
"""

INSPECTION_MISTAKES = r"""
# Scale
ceiling = 50 ⇒ ceiling = 50 ↵ »counted_by = "year" | scale.counted_by | 没有计分年度
ceiling = 50 ⇒ ceiling = 50 ↵ »year_begins_month = 9 | scale.year_begins_month | 固定的月份
[[indicators]] ↵ code = "V" ↵ title = "发现" ↵ points = 2.5 ↵ @ ⇒ ∅ | ＋ indicators | 至少要有一项指标 | id
ceiling = 50 ⇒ ceiling = 50 ↵ »fresh_after_listing = true | scale.fresh_after_listing | 没有重新计分
ceiling = 50 ⇒ ceiling = 50 ↵ »floor = 1 | scale.floor | 不能高于起始分
inspection_kinds = ["首次", "复查"] ⇒ inspection_kinds = ["首次", "复查", "复查"] | scale.inspection_kinds | 写了 2 次
to = 5 ⇒ to = 5 ↵ »no_single_below = 3 | bands[1] “好” · no_single_below | 分项相加
points = 4 ⇒ points = 0 | unknown[1] “没有公开的各项” · points | 应当大于 0
# Bands: fewer points are better
to = 5.5 ⇒ to = 4 | ＋ bands[2] “中” · to | 上限应当大于下限 5
above = 5.5 ⇒ above = 5.5 ↵ »to = 49.9 | bands[3] “差” · to | 分数最高是 50，49.9 以上的没有等级
above = 5.5 ⇒ above = 5.5 ↵ to = 50 ↵ [[bands]] ↵ grade = "极差" ↵ »above = 50 | bands[4] “极差” · above | 分数最高是 50，到不了这一级
ceiling = 50 ⇒ floor = 0 ↵ ceiling = 50 ↵ bonus_at_most = 2 | scale.bonus_at_most | 没有一项指标是加分 | bonus_at_most
[[bands]] ↵ grade = "好" ⇒ [[bands]] ↵ grade = "优" ↵ »below = -1 ↵ [[bands]] ↵ grade = "好" ↵ from = -1 | bands[1] “优” · below | 分数最低是 0，到不了这一级
better = "lower" ⇒ better = "higher" | ＋ bands | 请把顺序倒过来 | [[bands]]
ceiling = 50 ⇒ floor = -1 ↵ ceiling = 50 | scale.floor | 分数最低是 0，到不了这个数 | floor = -1
base = 0 ⇒ base = 50 | ＋ scale.ceiling | 改正 better | ceiling = 50
# Indicators
points = 2.5 ⇒ points = 2.5 ↵ »months = 12 | indicators[1] V · months | 计到下一次检查为止
points = 2.5 ⇒ points = 2.5 ↵ »until_next = "inspection" | indicators[1] V · until_next | 计到下一次检查为止
points = 2.5 ⇒ points = 2.5 ↵ »grows_by = 1 ↵ grows_every_days = 3 | indicators[1] V · grows_by | 分值不会再增加
points = 2.5 ⇒ points = 2.5 ↵ »outlasts_year = true | indicators[1] V · outlasts_year | 才有年度可跨
# The cycle
first_kinds = ["首次"] ⇒ first_kinds = [] | cycle.first_kinds | 请写明首次检查
first_kinds = ["首次"] ⇒ first_kinds = ["首次", "抽查"] | cycle.first_kinds | “抽查”不在 scale.inspection_kinds 里
again_kinds = ["复查"] ⇒ again_kinds = [] | cycle.again_kinds | 请写明复查
again_kinds = ["复查"] ⇒ again_kinds = ["复查", "首次"] | cycle.again_kinds | “首次”既是首次检查又是复查
again_kinds = ["复查"] ⇒ again_kinds = ["复查", "抽查"] | cycle.again_kinds | “抽查”不在 scale.inspection_kinds 里
again_kinds = ["复查"] ⇒ again_kinds = ["复查", "复查"] | cycle.again_kinds | 写了 2 次
at_once = ["好"] ⇒ at_once = [] | cycle.at_once | 至少一个
at_once = ["好"] ⇒ at_once = ["良"] | cycle.at_once | 没有等级“良”，已有的等级是“好”、“中”、“差”
at_once = ["好"] ⇒ at_once = ["好", "中", "差"] | cycle.pending | 永远不用等待复查 | pending
pending = "待复查" ⇒ pending = "中" | ＋ bands[2] “中” · grade | 与 cycle.pending 同名 | grade = "中"
pending = "待复查" ⇒ pending = "N" | cycle.pending | 与 unrated.grade 同名
"""

MEASURES_MISTAKES = r"""
above = 30 ⇒ above = 30 ↵ »no_single_below = 3 | ＋ bands[3] 0 · no_single_below | 最后一级
from = 0 ⇒ from = 0 ↵ »no_single_below = 3 | bands[1] 5 · no_single_below | 单项太高
better = "lower" ⇒ better = "higher" | ＋ bands[1] 5 · no_single_above | 单项太低 | no_single_above
floor = 0 ⇒ floor = 0 ↵ »base = 5 | scale.base | 从 0 起算
floor = 0 ⇒ floor = 0 ↵ »bonus_at_most = 5 | scale.bonus_at_most | 没有加分
floor = 0 ⇒ floor = 0 ↵ »ceiling = 0 | scale.ceiling | 必须大于最低分
floor = 0 ⇒ floor = -1 | bands[1] 5 · from | 分数最低是 -1，0 以下的没有等级 | from = 0
floor = 0 ⇒ ∅ | bands[1] 5 · from | 分数没有下限，0 以下的没有等级 | from = 0
above = 30 ⇒ above = 30 ↵ »to = 90 | bands[3] 0 · to | 分数没有上限，90 以上的没有等级
measures = ["卫生", "管理"] ⇒ measures = ["卫生", "卫生"] | scale.measures | 写了 2 次
measures = ["卫生", "管理"] ⇒ measures = [] | scale.measures | 请写明由哪些分项相加
measures = ["卫生", "管理"] ⇒ measures = ["卫生", " "] | scale.measures[2] | 没有内容
no_single_above = 20 ⇒ no_single_above = 9 | bands[2] 3 · no_single_above | 比前面“5”的限制还严
no_single_above = 20 ⇒ no_single_above = 7 | ＋ bands[2] 3 · no_single_above | 合计就到不了这一级
no_single_above = 10 ⇒ ∅ | bands[2] 3 · no_single_above | 前面的“5”没有这个限制 | no_single_above = 20
to = 15 ↵ no_single_above = 10 ↵ [[bands]] ↵ grade = "3" ↵ above = 15 ↵ to = 30 ↵ no_single_above = 20 ⇒ to = 15 ↵ [[bands]] ↵ grade = "3" ↵ above = 15 ↵ to = 20 ↵ no_single_above = 20 ↵ [[bands]] ↵ grade = "2" ↵ above = 20 ↵ to = 30 ↵ »no_single_above = 25 | ＋ bands[3] 2 · no_single_above | 前面的“5”没有这个限制
above = 30 ⇒ above = 30 ↵ »no_single_above = 30 | bands[3] 0 · no_single_above | 没有更低的等级可以降
[[bands]] ↵ grade = "0" ⇒ [[indicators]] ↵ code = "V" ↵ title = "发现" ↵ points = 1 ↵ @ ↵ [[bands]] ↵ grade = "0" | indicators | 不用指标 | [[indicators]]
[[bands]] ↵ grade = "0" ⇒ [[groups]] ↵ code = "G" ↵ title = "组" ↵ cap = 1 ↵ @ ↵ [[bands]] ↵ grade = "0" | ＋ groups | 没有分组 | [[groups]]
[[bands]] ↵ grade = "0" ⇒ [[unknown]] ↵ title = "组" ↵ points = 1 ↵ @ ↵ [[bands]] ↵ grade = "0" | unknown | 没有看不到的扣分 | [[unknown]]
"""


# What lies right on an edge is no mistake: what is written ⇒ what is written instead, ； and another change.
STANDING_EDGES = r"""
floor = 0 ⇒ floor = 14
below = 60 ⇒ above = 14 ↵ below = 60 ↵ [[bands]] ↵ grade = "D" ↵ to = 14
bonus_at_most = 5 ⇒ bonus_at_most = 2
cap = 30 ⇒ cap = 15
cap = 30 ↵ grows_by = 5 ⇒ group = "安全" ↵ cap = 15 ↵ grows_by = 5
grows_every_days = 31 ⇒ grows_every_days = 365
grows_every_days = 31 ⇒ months = 2 ↵ grows_every_days = 61
grows_every_days = 31 ⇒ outlasts_year = true ↵ until_next = "inspection" ↵ grows_every_days = 36500
grows_every_days = 31 ⇒ gate = "PJ" ↵ months = 2 ↵ grows_every_days = 62
points = 2 ⇒ points = 2 ↵ cap = 5
points = 7 ↵ group = "安全" ⇒ points = 7 ↵ cap = 15 ↵ group = "安全" ； points = 8 ↵ group = "安全" ⇒ points = 8 ↵ cap = 15 ↵ group = "安全"
[[bands]] ↵ grade = "A" ⇒ [[unrated.classes]] ↵ grade = "M2" ↵ title = "又" ↵ record = "L05" ↵ [[bands]] ↵ grade = "A"
code = "L05" ↵ title = "托管" ↵ points = 0 ⇒ code = "L05" ↵ title = "托管" ↵ points = 1 ； record = "L05" ↵ from = 40 ⇒ record = "L03" ； limits_grade_to = "C" ⇒ limits_grade_to = "C" ↵ limit_ends_when_passed = true
since = 2026-01-01 ⇒ since = 1900-01-01
until = 2027-01-01 ⇒ until = 2199-12-31
visit_after_months = 10 ⇒ visit_after_months = 13
months = 11 ⇒ months = 12
gate = "O" ⇒ gate = "O" ↵ since = 2026-02-01 ↵ until = 2026-03-01
gate = "O" ⇒ gate = "O" ↵ since = 2026-02-01 ↵ dated_by = "determined"
gate = "O" ⇒ gate = "O" ↵ until = 2026-03-01 ↵ dated_by = "determined"
months = 11 ⇒ outlasts_year = true ↵ until_next = "annual_inspection"
cap = 41 ⇒ cap = 20
cap = 41 ⇒ cap = 41.000000000000000000
cap = 15 ⇒ cap = 8
from = 40 ⇒ from = 105
gate = "O" ⇒ gate = "O" ↵ since = 2026-12-31
floor = 0 ⇒ floor = 0 ↵ ceiling = 100
floor = 0 ⇒ floor = 0 ↵ ceiling = 105
floor = 0 ⇒ floor = 0 ↵ ceiling = 1000000000 ； bonus_at_most = 5 ⇒ ∅
grade = "A" ↵ from = 90 ⇒ grade = "A" ↵ above = 60 ； from = 60 ↵ below = 90 ⇒ from = 60 ↵ to = 60
below = 60 ⇒ from = 0 ↵ below = 60
first_days = 180 ⇒ first_days = 36500
bonus_at_most = 5 ⇒ ∅ ； from = 40 ⇒ from = 106
code = "L05" ⇒ code = "L06" ↵ title = "挂名" ↵ points = 0 ↵ @ ↵ [[indicators]] ↵ code = "L05" ； months = 14 ⇒ months = 14 ↵ @ ↵ [[white]] ↵ kind = "no_record" ↵ title = "又" ↵ codes = ["L06"]
months = 14 ⇒ months = 14 ↵ @ ↵ [[white]] ↵ kind = "annual_inspection" ↵ title = "又" ↵ results = ["合格"] ↵ months = 12
months = 14 ⇒ months = 14 ↵ @ ↵ [[white]] ↵ kind = "no_record" ↵ title = "又" ↵ codes = ["L04"]
months = 14 ⇒ months = 14 ↵ @ ↵ [[white]] ↵ kind = "cover" ↵ title = "又" ↵ classes = ["employer"]
months = 14 ⇒ months = 14 ↵ @ ↵ [[white]] ↵ kind = "cover" ↵ title = "又" ↵ classes = ["premises"] ↵ except_kinds = ["民办小学"] ↵ sum_at_least = 10000000
"""
INSPECTION_EDGES = r"""
ceiling = 50 ⇒ ceiling = 50 ↵ floor = 0
[[bands]] ↵ grade = "好" ⇒ [[bands]] ↵ grade = "优" ↵ below = -1 ↵ [[bands]] ↵ grade = "好" ↵ from = -1 ； ceiling = 50 ⇒ ceiling = 50 ↵ bonus_at_most = 2 ； points = 2.5 ⇒ points = 2.5 ↵ @ ↵ [[indicators]] ↵ code = "J" ↵ title = "表彰" ↵ bonus = true ↵ points = 1
"""
MEASURES_EDGES = r"""
floor = 0 ⇒ floor = 3
floor = 0 ⇒ floor = 0 ↵ ceiling = 90 ； above = 30 ⇒ above = 30 ↵ to = 90
from = 0 ⇒ ∅
no_single_above = 20 ⇒ no_single_above = 10
to = 15 ↵ no_single_above = 10 ↵ [[bands]] ↵ grade = "3" ↵ above = 15 ↵ to = 30 ↵ no_single_above = 20 ⇒ below = 15 ↵ no_single_above = 7.5 ↵ [[bands]] ↵ grade = "3" ↵ from = 15 ↵ to = 30 ↵ no_single_above = 7.5
"""


class Mistake(NamedTuple):
    words: str
    text: str
    place: str
    remedy: str
    line: int
    alone: bool


def changed(whole: str, change: str) -> tuple[str, int]:
    """A policy with one change, and where the change, or what » marks in it, begins."""
    old, new = (
        f"{part.strip()}\n".replace(" ↵ ", "\n").replace("@", REFERENCE)
        for part in change.split("⇒")
    )
    new = new.replace("∅\n", "")
    before = f"\n{whole}"
    assert before.count(f"\n{old}") == 1, f"{old!r} is not one place"
    text = before.replace(f"\n{old}", f"\n{new.replace('»', '')}")[1:]
    return text, before.index(f"\n{old}") + max(new.find("»"), 0)


def mistakes(whole: str, table: str) -> Iterator[Mistake]:
    """The mistakes of a table, each made in a whole policy."""
    for row in table.strip().splitlines():
        if row.startswith("#"):
            continue
        change, place, remedy, *where = (part.strip() for part in row.split(" | "))
        text, at = whole, 0
        for one in change.split(" ； "):
            text, at = changed(text, one)
        if where:
            at = text.index(where[0].replace(" ↵ ", "\n"))
        yield Mistake(
            f"{whole[6:9]} {change}",
            text,
            place.removeprefix("＋ "),
            remedy,
            text.count("\n", 0, at) + 1,
            place[0] != "＋",
        )


def problems(text: str) -> list[Problem]:
    with pytest.raises(PolicyError) as caught:
        load_policy(text.encode())
    return caught.value.problems


def line_of(text: str, part: str) -> int:
    return text[: text.index(part)].count("\n") + 1
