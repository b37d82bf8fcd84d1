"""What is wrong with the words of a command line, in Chinese: each with what stands there and the remedy."""

import re

import click

# What click says of the whole line, and what it means.
_OF_LINE: tuple[tuple[str, str], ...] = (
    (r"No such command '(.*?)'\.", "没有命令“{0}”"),
    (r"No such option:? '?(.*?)'?[.]?(?: Did .*|$)", "没有选项 {0}"),
    (r"Got unexpected extra arguments? \((.*)\)", "多写了“{0}”，请删去"),
    (r"Option '(.*?)' requires an argument\.", "选项 {0} 后面要写一个值，请补上"),
    (r"Option '(.*?)' requires (\d+) arguments\.", "选项 {0} 后面要写 {1} 个值，请补上"),
    (r"Option '(.*?)' does not take a value\.", "选项 {0} 后面不写值，请删去"),
)
_MEANT = re.compile(r"Did you mean (?:one of: )?(.*?)\?|\(Possible options: (.*?)\)")
# What click says of one value, and what it means.
_OF_VALUE: tuple[tuple[str, str], ...] = (
    (r"\w+ '(.*)' does not exist\.", "找不到“{0}”，请检查路径"),
    (r"\w+ '(.*)' is a directory\.", "“{0}”是一个文件夹，这里需要一个文件"),
    (r"\w+ '(.*)' is a file\.", "“{0}”是一个文件，这里需要一个文件夹"),
    (
        r"\w+ '(.*)' is not (?:read|writ|execut)able\.",
        "没有权限读写“{0}”，请换一个用户，或者改它的权限",
    ),
    (r"'(.*)' does not match the formats?.*", "“{0}”不是日期，请写成 2026-01-31 这样的一天"),
    (r"'?(.*?)'? is not in the range (.*)\.", "“{0}”超出范围，请写 {1} 的数"),
    (r"'(.*)' is not a valid (?:integer|float).*", "“{0}”不是数，请写一个数"),
    (r"'(.*)' is not one of (.*)\.", "“{0}”不能用，请写其中之一：{1}"),
)


def usage_words(mistake: click.UsageError) -> str:
    """The sentence for a mistake in a command line; one that is Chinese already stays as it is."""
    said = mistake.message or ""
    if isinstance(mistake, click.MissingParameter):
        return f"缺少 {_name(mistake)}，请补上。"
    if isinstance(mistake, click.BadParameter):
        return f"{_name(mistake)} 的值不能用：{_matched(_OF_VALUE, said)}。"
    meant = _MEANT.search(mistake.format_message())
    near = (meant[1] or meant[2]).replace("'", "").replace(",", "、") if meant else ""
    return f"{_matched(_OF_LINE, said)}。" + (f"想写的也许是 {near}。" if near else "")


def hint(mistake: click.UsageError) -> str:
    """Where the command's words are explained; empty where nobody knows which command was meant."""
    return f"写法见：{mistake.ctx.command_path} --help" if mistake.ctx else ""


def _name(mistake: click.BadParameter) -> str:
    """The parameter as people write it: its option, or its place."""
    param = mistake.param
    if isinstance(param, click.Option):
        return "、".join(param.opts)
    return (
        param.make_metavar(mistake.ctx) if param and mistake.ctx else str(mistake.param_hint or "")
    )


def _matched(table: tuple[tuple[str, str], ...], said: str) -> str:
    """The Chinese words for what click said; its own where they are new."""
    for pattern, words in table:
        if found := re.fullmatch(pattern, said, re.DOTALL):
            return words.format(*(_plain(one) for one in found.groups()))
    return said.rstrip("。.")


def _plain(text: str) -> str:
    return "".join(one if one.isprintable() else ascii(one)[1:-1] for one in text)
