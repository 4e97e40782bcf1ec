"""The report as a Word document: the template filled in, whole, with bytes that depend on nothing but the workbook.

Texts of the workbook are data all the way: escaped for XML, never read as tags, cleaned of control characters. The
template is the office's own and is run in a sandbox that sees the report's texts and nothing of Python.
"""

from __future__ import annotations

import re
from datetime import datetime
from importlib.resources import files
from io import BytesIO
from typing import TYPE_CHECKING, Any
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from perfxl.intake.guard import Limits
from perfxl.intake.guard.limits import RefusalError
from perfxl.intake.guard.package import Package
from perfxl.intake.guard.xml import normalised, prove
from perfxl.model import PerfxlError
from perfxl.output import OutputError, OutputPlan, clean, seal
from perfxl.word.documents import named_file, why_refused
from perfxl.word.report.word_template import TEMPLATE_NAME, in_order

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    from jinja2 import Environment

REPORT_TAIL = "_自评报告"
CREATED = datetime(2021, 1, 1)  # noqa: DTZ001  # no clock in the output; Word writes it as UTC
_TAG = re.compile(r"\{\{.*?\}\}|\{%.*?%\}", re.DOTALL)
_OPEN_TAG = re.compile(r"\{\{[^{}]*|\{%[^%{}]*")
_MACRO = "vbaproject.bin"
_MERGED_LATE = re.compile(r"(<w:vAlign [^>]*/>)(<w:vMerge(?: [^>]*)?/>)")
"""docxtpl adds vMerge at the end of a cell's properties; the schema has it before vAlign."""


def shipped_template() -> bytes:
    """The Word template that comes with perfxl."""
    return files("perfxl.word.report").joinpath(TEMPLATE_NAME).read_bytes()


def write_report(
    context: Mapping[str, Any], target: Path, *, source_sha256: str, inputs: Iterable[Path] = (), template: Path | None = None, force: bool = False
) -> Path:
    """Write the report to `target`, whole or not at all; never over an input.

    Raises:
        PerfxlError: the template is broken (the message names the tag), or `target` may not be replaced.
    """
    from perfxl.model.version import __version__

    kept = [*inputs, *([template] if template is not None else [])]
    if target.suffix.lower() != ".docx":
        raise OutputError("output-name", file=str(target), suffix=".docx")
    plan = OutputPlan(kept, force=force)
    plan.replace(target, "report")
    name = template.name if template is not None else TEMPLATE_NAME
    document = report_bytes(context, named_file(template, "模板") if template is not None else None, name)
    plan.write(target, seal(document, "report", __version__, source_sha256))
    return plan.went(target)


def report_bytes(context: Mapping[str, Any], template: bytes | None = None, name: str = TEMPLATE_NAME) -> bytes:
    """The report as bytes; equal input gives equal bytes.

    Raises:
        PerfxlError: the template is no Word document or a tag in it does not work; the message names the tag.
    """
    content = template if template is not None else shipped_template()
    _guard(content, name)
    from docx.opc.exceptions import OpcError

    try:
        rendered = _rendered(content, context, name)
    except (OpcError, KeyError, ValueError) as error:
        raise PerfxlError(f"模板“{name}”不是完整的 Word 文档（{type(error).__name__}）。请用 Word 或 WPS 打开后另存为 .docx。") from None
    return _with_property(rendered)


def _guard(content: bytes, name: str) -> None:
    """Refuse a template that is damaged, too large, carries macros or a DTD, before any parser sees it."""
    limits = Limits()
    try:
        package = Package(content, limits)
        if "word/document.xml" not in package:
            raise PerfxlError(f"模板“{name}”不是 Word 文档（.docx）。请用 Word 或 WPS 打开后另存为 .docx。")
        if any(part.lower().endswith(_MACRO) for part in package.entries):
            raise PerfxlError(f"模板“{name}”含有宏。请另存为不带宏的 .docx。")
        for part in package.entries:
            if part.lower().endswith((".xml", ".rels")):
                prove(normalised(package.read(part), part), part)
    except RefusalError as refused:
        raise PerfxlError(f"模板“{name}”打不开：{why_refused(refused)}。请用 Word 或 WPS 打开后另存为 .docx。") from None


def _rendered(content: bytes, context: Mapping[str, Any], name: str) -> bytes:
    from docxtpl import DocxTemplate
    from jinja2 import TemplateError

    class Checked(DocxTemplate):  # type: ignore[misc]  # docxtpl has no types
        """Keeps the XML a tag stands in, and refuses a result that is no XML any more."""

        source = ""

        def render_xml_part(self, src_xml: str, part: Any, context: Any, jinja_env: Any = None) -> Any:
            self.source = src_xml
            result = _MERGED_LATE.sub(r"\2\1", super().render_xml_part(src_xml, part, context, jinja_env))
            try:
                prove(result.encode(), "document")
            except RefusalError:
                tags = "、".join(dict.fromkeys(t for t in typed if re.match(r"\{[{%](?:p|tr|tc|r)\s", t)))
                raise PerfxlError(
                    f"模板“{name}”里的标签位置不对，文档结构被打断。请检查整段、整行标签：{tags or '（无）'}。"
                    "整段标签 {%p … %} 要独占一段，整行标签 {%tr … %} 要在表格里独占一行。"
                ) from None
            return result

    typed = _typed_tags(content)
    document = Checked(BytesIO(content))
    try:
        document.render(_marked(context), jinja_env=_environment(), autoescape=True)
    except TemplateError as error:
        raise PerfxlError(_as_typed(_explained(error, document.source, name), typed)) from None
    except (TypeError, AttributeError, ArithmeticError, OverflowError, RecursionError, LookupError, MemoryError) as error:
        shown = "、".join(dict.fromkeys(_TAG.findall(_words(document.source)))) if document.source else ""
        raise PerfxlError(f"模板“{name}”里有标签算不出来（{error}）。请检查这些标签：{shown[:300]}") from None
    in_order(document.docx)
    own = document.core_properties
    own.created = own.modified = CREATED
    own.title, own.author, own.last_modified_by, own.revision = clean(str(context.get("title", ""))), "", "perfxl", 1
    own.last_printed = CREATED
    target = BytesIO()
    document.save(target)
    return target.getvalue()


def _environment() -> Environment:
    from perfxl.word.report.allowed import Tags

    return Tags()


def _marked(value: Any) -> Any:
    """The context with every text escaped once and for good.

    docxtpl turns `{_{` into `{{` after rendering: a text of the workbook that happens to hold it must come out as it is.
    """
    from markupsafe import Markup, escape

    if isinstance(value, str):
        text = str(escape(clean(value)))
        for mark in ("{_{", "}_}", "{_%", "%_}"):
            text = text.replace(mark, mark.replace("_", "&#95;"))
        return Markup(text)  # noqa: S704  # escaped two lines above
    if isinstance(value, dict):
        return {key: _marked(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_marked(item) for item in value]
    return value


# naming the tag


def _typed_tags(content: bytes) -> list[str]:
    """Every tag of the template as the office typed it, {%p … %} included."""
    with ZipFile(BytesIO(content)) as package:
        parts = [
            package.read(n).decode("utf-8", "replace") for n in package.namelist() if re.fullmatch(r"word/(?:document|header\d*|footer\d*)\.xml", n)
        ]
    return [str(tag) for part in parts for tag in _TAG.findall(_words(part))]


def _as_typed(message: str, typed: list[str]) -> str:
    """The message with tags in the office's own spelling: docxtpl drops the p and tr it acts on."""
    for tag in typed:
        bare = re.sub(r"^(\{[{%])(?:p|tr|tc|r)\s+", r"\1 ", tag)
        if bare != tag and bare in message:
            return message.replace(bare, tag, 1)
    return message


def _words(source: str) -> str:
    """The text of a part without its XML, one paragraph a line."""
    text = re.sub(r"<[^>]+>", "", re.sub(r"<w:p[ >]", "\n\\g<0>", source))
    return text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")


def _explained(error: Exception, source: str, name: str) -> str:
    from jinja2.exceptions import SecurityError, TemplateSyntaxError, UndefinedError

    text, said = _words(source), str(error.args[0] if error.args else error)
    if isinstance(error, SecurityError):
        if line := getattr(error, "line", 0):
            return f"模板“{name}”里的标签 {_broken_tag(said, text, source, line)} 不允许使用：{said}。请改正这个标签。"
        return f"模板“{name}”里的标签 {_tag_with(said, text)} 不允许使用：报告里只能引用报告的内容。请改正这个标签。"
    if isinstance(error, UndefinedError):
        return f"模板“{name}”里的标签 {_tag_with(said, text)} 没有对应的内容。请对照自带模板检查名称的拼写。"
    if isinstance(error, TemplateSyntaxError):
        why = "没有对应的结束标签" if "end of template" in said else f"写法不对（{said}）"
        return f"模板“{name}”里的标签 {_broken_tag(said, text, source, error.lineno)} {why}。请改正这个标签。"
    return f"模板“{name}”里有标签用不了（{said}）。请对照自带模板改正。"


def _tag_with(said: str, text: str) -> str:
    """The tag that holds a name the message speaks of."""
    names = re.findall(r"'([A-Za-z_]\w*)'", said)
    for wanted in reversed(names):
        for tag in _TAG.findall(text):
            if re.search(rf"\b{re.escape(wanted)}\b", tag):
                return str(tag)
    return "、".join(f"“{n}”" for n in names) or said


def _broken_tag(said: str, text: str, source: str, line: int) -> str:
    tags = [str(tag) for tag in _TAG.findall(text)]
    if unknown := re.search(r"unknown tag '(\w+)'", said):
        found = [t for t in tags if re.match(rf"\{{%-?(?:p|tr|tc|r)?\s*{unknown[1]}\b", t)]
        if found:
            return found[0]
    if "end of template" in said or "Unexpected end" in said:
        opened: list[str] = []
        for tag in tags:
            word = re.match(r"\{%-?(?:(?:p|tr|tc|r)\s)?\s*(\w+)", tag)
            if word and word[1] in ("for", "if"):
                opened.append(tag)
            elif word and word[1] in ("endfor", "endif") and opened:
                opened.pop()
        if opened:
            return opened[-1]
    lines = re.sub(r"<w:p([ >])", r"\n<w:p\1", source).splitlines()
    for at in (line - 1, line - 2, line):
        if 0 <= at < len(lines):
            shown = _words(lines[at])
            if found := _TAG.findall(shown) or _OPEN_TAG.findall(shown):
                return str(found[0]).strip()
    broken = [t for t in _OPEN_TAG.findall(text) if t.strip("{% ")]
    return broken[-1].strip() if broken else "（未能确定）"


# the package


_SPACE = "http://schemas.openxmlformats.org"
_CUSTOM = "docProps/custom.xml"
_CUSTOM_XML = (
    f'<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n<Properties xmlns="{_SPACE}/officeDocument/2006/custom-properties" '
    f'xmlns:vt="{_SPACE}/officeDocument/2006/docPropsVTypes"><property fmtid="{{D5CDD505-2E9C-101B-9397-08002B2CF9AE}}" pid="2" '
    'name="perfxl"><vt:lpwstr></vt:lpwstr></property></Properties>'
)


def _with_property(document: bytes) -> bytes:
    """The package with an empty custom property `perfxl`, for `seal`; parts sorted, dates fixed."""
    with ZipFile(BytesIO(document)) as package:
        parts = {name: package.read(name) for name in package.namelist()}
    for name in [n for n in parts if n.lower() == _CUSTOM.lower()]:
        del parts[name]
    types, links = parts["[Content_Types].xml"].decode(), parts["_rels/.rels"].decode()
    types = re.sub(r'<Override [^>]*/docProps/custom\.xml"[^>]*/>', "", types)
    links = re.sub(r"<Relationship [^>]*custom-properties[^>]*/>", "", links)
    kind = "application/vnd.openxmlformats-officedocument.custom-properties+xml"
    parts["[Content_Types].xml"] = types.replace("</Types>", f'<Override PartName="/{_CUSTOM}" ContentType="{kind}"/></Types>').encode()
    link = f'<Relationship Id="rIdPerfxl" Type="{_SPACE}/officeDocument/2006/relationships/custom-properties" Target="{_CUSTOM}"/>'
    parts["_rels/.rels"] = links.replace("</Relationships>", f"{link}</Relationships>").encode()
    parts[_CUSTOM] = _CUSTOM_XML.encode()
    target = BytesIO()
    with ZipFile(target, "w", ZIP_DEFLATED) as package:
        for name in ["[Content_Types].xml", *sorted(n for n in parts if n != "[Content_Types].xml")]:
            entry = ZipInfo(name, (1980, 1, 1, 0, 0, 0))
            entry.compress_type = ZIP_DEFLATED
            entry.external_attr = 0o600 << 16
            package.writestr(entry, parts[name])
    return target.getvalue()
