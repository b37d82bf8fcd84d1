"""What is no TOML, one a line: what is written, its line, and what is to be said."""

import re

# ↵ is a line's end, ‴ three quotes, ␣200b a sign nobody sees by its number.
SYNTAX_MISTAKES = r"""
id = "T ⇒ 1 | 引号没有成对
id = 'T ⇒ 1 | 引号没有成对
a = 1 ↵ a = 2 ⇒ 2 | 同一项写了两次
a = 1 ↵ [b] ↵ [b] ⇒ 3 | 并列的多条用双方括号
a = [1] ↵ [[a]] ⇒ 2 | 合到一处
a = “好” ⇒ 1 | 英文半角引号
a = 是 ⇒ 1 | 是或否写 true 或 false
a = 2026-02-30 ⇒ 1 | 没有这一天
a = 1 ↵ 说明文字 ⇒ 2 | 行首加 #
a = 1 b = 2 ⇒ 1 | 一行只写一项
a = 1 ↵ [b ⇒ 2 | 方括号没有收尾
[[b] ⇒ 1 | 双方括号没有收尾
a = [1, ↵ 2 ⇒ 2 | 方括号没有收尾
a = { b = 1 ⇒ 1 | 花括号没有收尾
a = ["x", ↵ b = 1 ⇒ 2 | 前一行的括号没有收尾
a = "\q" ⇒ 1 | 反斜杠
a = '''x ↵ b = 1 ↵ ⇒ 1 | 引号没有成对
a = '''x ↵ ‴ y ⇒ 1 | 引号没有成对
a = '''x''' ↵ b = '''y ↵ c = 1 ⇒ 2 | 引号没有成对
a = ‴x‴ ↵ b = ‴y ↵ c = 1 ⇒ 2 | 引号没有成对
a = ‴x ↵ \‴ ↵ b = 1 ⇒ 1 | 引号没有成对
a = ‴x‴" ↵ b = 'y' # ''' ↵ c = "y ⇒ 3 | 引号没有成对
a = '''x'''' ↵ b = "y\"'''" ↵ c = [1, ⇒ 3 | 前一行的括号没有收尾
a = ‴x‴ ↵ b = [1 ⇒ 2 | 方括号没有收尾
"""
# What writers of Chinese slip into, below a line that is in order.
SLIPS = r"""
since = 2026/01/01 ⇒ 日期请写成 2026-01-31
since = 2026-1-1 ⇒ 日期请写成 2026-01-31
since = 2026-01-1 ⇒ 日期请写成 2026-01-31
since = 2026年1月1日 ⇒ 日期请写成 2026-01-31
since = 2026-13-01 ⇒ 没有这一天
# 说明：起始日 ↵ since = 2026-1-1 ⇒ 日期请写成 2026-01-31
# 说明：起始日 ↵ since ＝ 2026-01-01 ⇒ 有中文标点
a = { document = "办法"， article = "一" } ⇒ 有中文标点
a = ["一"、"二"] ⇒ 有中文标点
a ＝ 1 ⇒ 有中文标点
a = "一，二 ⇒ 引号没有成对
a = ["一", "二" # 说明，文字 ⇒ 方括号没有收尾
points = ８0 ⇒ 全角的数字
points = －8 ⇒ 全角的数字、字母或者符号
since = ２０２６-01-01 ⇒ 全角的数字
points = 80。 ⇒ 有中文标点
points = 80分 ⇒ 单位、百分号
points = 80% ⇒ 单位、百分号
points = 1,000 ⇒ 千分位逗号
points = 1/2 ⇒ 分数线
points = 080 ⇒ 开头的 0
points = .5 ⇒ 小数点前后都要有数字
points = 80. ⇒ 小数点前后都要有数字
points = 80 // 每次 ⇒ 说明文字前面加 #
points = 80 cap = 90 ⇒ 一行只写一项
points = -1_0.5e1 cap ⇒ 单位、百分号
points = 80 "每次" ⇒ 一行只写一项
points␣200b = 80 ⇒ 看不见的字符
points␣3000= 80 ⇒ 全角、不换行的空格
points␣00a0= 80 ⇒ 全角、不换行的空格
points = 80␣0000 ⇒ 看不见的字符
reference = { ⇒ 花括号里的各项要写在同一行
reference = { document = "办法", ⇒ 花括号里的各项要写在同一行
reference = {␣0020 ⇒ 花括号里的各项要写在同一行
reference = { document = "办法" }, ⇒ 一行只写一项
a = [ ↵ b = 2026-01-31 ⇒ 前一行的括号没有收尾
[a] ↵ b = 1 ↵ [[a]] ⇒ 并列的多条用双方括号
"""


def syntax(row: str) -> str:
    """The text of one line of the table."""
    text = row.partition(" ⇒ ")[0].replace(" ↵ ", "\n").replace("‴", '"""')
    return re.sub("␣([0-9a-f]{4})", lambda sign: chr(int(sign[1], 16)), text)


def slip(row: str) -> str:
    """The text of one line of the table of slips."""
    return f'id = "T"\n{syntax(row)}\n'
