"""Reads one PDF in a process of its own, under limits, and says `ok` or why it is not taken."""

import resource
import sys
from pathlib import Path
from typing import Any

from registry.pictures import is_archive

MEMORY = 1 << 30
CPU = 20
OBJECTS = 200_000
TAIL = 1024
_KEYS = {
    "/JS": "带有脚本",
    "/JavaScript": "带有脚本",
    "/AA": "打开时会自动执行动作",
    "/EmbeddedFiles": "夹带了别的文件",
    "/EF": "夹带了别的文件",
    "/XFA": "带有动态表单",
    "/RichMedia": "夹带了媒体程序",
}
_ACTIONS = {"/JavaScript", "/Launch", "/SubmitForm", "/ImportData", "/GoToE", "/Rendition"}
_REMEDY = "请打印成不带这些内容的 PDF 再上传"


def main(path: str) -> None:
    """Prints `ok`, or the sentence that refuses the file."""
    for kind, most in (
        (resource.RLIMIT_AS, MEMORY),
        (resource.RLIMIT_CPU, CPU),
        (resource.RLIMIT_CORE, 0),
    ):
        resource.setrlimit(kind, (most, most))
    with Path(path).open("rb") as file:
        sys.stdout.buffer.write(trouble(file).encode() or b"ok")


def trouble(file: Any) -> str:
    """What keeps a PDF from being taken, empty if nothing; whatever cannot be read raises."""
    from pyhanko.pdf_utils.reader import PdfFileReader

    content = file.read()
    end = content.rfind(b"%%EOF")
    if end < 0 or len(content) - end > TAIL or is_archive(content):
        return f"这份 PDF 后面还接着别的内容，{_REMEDY}"
    reader = PdfFileReader(file, strict=False)
    if reader.encrypted:
        return "这份 PDF 加了密码，请去掉密码再上传"
    return _walk(reader.root)


def _walk(root: Any) -> str:
    """Looks at every object once; what runs or carries something is named."""
    from pyhanko.pdf_utils import generic

    seen: set[object] = set()
    left = [root]
    while left:
        one = left.pop()
        if isinstance(one, generic.IndirectObject):
            if one.reference in seen:
                continue
            seen.add(one.reference)
            one = one.get_object()  # pyhanko says no type here
        if len(seen) > OBJECTS:
            return f"这份 PDF 的内容过多，{_REMEDY}"
        if isinstance(one, generic.DictionaryObject):
            for key in one:
                if str(key) in _KEYS:
                    return f"这份 PDF {_KEYS[str(key)]}，{_REMEDY}"
                left.append(one.raw_get(key))
            if str(one.get("/S", "")) in _ACTIONS:
                return f"这份 PDF 带有会自动执行的动作，{_REMEDY}"
        elif isinstance(one, generic.ArrayObject):
            left += [one.raw_get(at) for at in range(len(one))]
    return ""


if __name__ == "__main__":
    main(sys.argv[1])
