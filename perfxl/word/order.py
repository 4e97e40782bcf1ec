"""The order in which the schema of WordprocessingML (ECMA-376, part 1, annex A) wants properties to stand.

Word mends a wrong order in silence or calls the file damaged, by version; other programs drop what stands too late.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

_TEXT: Final = {
    "pPr": """
        pStyle keepNext keepLines pageBreakBefore framePr widowControl numPr suppressLineNumbers pBdr shd tabs
        suppressAutoHyphens kinsoku wordWrap overflowPunct topLinePunct autoSpaceDE autoSpaceDN bidi adjustRightInd snapToGrid
        spacing ind contextualSpacing mirrorIndents suppressOverlap jc textDirection textAlignment textboxTightWrap outlineLvl
        divId cnfStyle rPr sectPr pPrChange
    """,
    "rPr": """
        ins del moveFrom moveTo rStyle rFonts b bCs i iCs caps smallCaps strike dstrike outline shadow emboss imprint noProof
        snapToGrid vanish webHidden color spacing w kern position sz szCs highlight u effect bdr shd fitText vertAlign rtl cs em
        lang eastAsianLayout specVanish oMath
    """,
    "tblPr": """
        tblStyle tblpPr tblOverlap bidiVisual tblStyleRowBandSize tblStyleColBandSize tblW jc tblCellSpacing tblInd tblBorders
        shd tblLayout tblCellMar tblLook tblCaption tblDescription tblPrChange
    """,
    "tcPr": """
        cnfStyle tcW gridSpan hMerge vMerge tcBorders shd noWrap tcMar textDirection tcFitText vAlign hideMark headers cellIns
        cellDel cellMerge tcPrChange
    """,
    "sectPr": """
        headerReference footerReference footnotePr endnotePr type pgSz pgMar paperSrc pgBorders lnNumType pgNumType cols
        formProt vAlign noEndnote titlePg textDirection bidi rtlGutter docGrid printerSettings sectPrChange
    """,
}
ORDER: Final[Mapping[str, tuple[str, ...]]] = {name: tuple(children.split()) for name, children in _TEXT.items()}
"""Element to its children in order, by local names."""


def put_in_order(root: Any) -> None:  # an element of lxml
    """Sort the properties below `root`; what the schema does not know stays behind what it knows."""
    for element in root.iter():
        wanted = ORDER.get(_local(element))
        if wanted is not None:
            children = list(element)
            sorted_children = sorted(children, key=lambda child: wanted.index(_local(child)) if _local(child) in wanted else len(wanted))
            if children != sorted_children:
                element[:] = sorted_children


def complete_settings(settings: Any) -> None:  # as above
    """Give `w:zoom` the percentage that the schema asks for."""
    for zoom in settings.iter("{*}zoom"):
        percent = zoom.tag.replace("zoom", "percent")
        if percent not in zoom.attrib:
            zoom.set(percent, "100")


def _local(element: Any) -> str:  # as above
    return str(element.tag).rpartition("}")[2]
