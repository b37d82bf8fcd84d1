"""What is no TOML, one a line: what is written, its line, and what is to be said."""

# ↵ is a line's end, ‴ three quotes.
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
"""


def syntax(row: str) -> str:
    """The text of one line of the table."""
    return row.partition(" ⇒ ")[0].replace(" ↵ ", "\n").replace("‴", '"""')


def slip(row: str) -> str:
    """The text of one line of the table of slips."""
    return f'id = "T"\n{syntax(row)}\n'
