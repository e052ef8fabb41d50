"""Which point of a product's page a question is about."""

from __future__ import annotations

import re
from collections.abc import Mapping

# Shoppers' words for what pages call by other names; the first of a line are names on pages.
_ALIASES: tuple[tuple[re.Pattern[str], re.Pattern[str]], ...] = tuple(
    (re.compile(names), re.compile(words))
    for names, words in (
        (
            "材质|面料|里料|鞋面|填充|涂层|内里",
            r"材质|材料|面料|布料|纯棉|真皮|什么做|什么料|不锈钢|实木|成分|皮的",
        ),
        ("续航|电池|容量", r"续航|电池|用几天|用多久|能用多长|待机|充一次|多少毫安"),
        (
            "容量|净含量|规格|件数|册数|键数",
            r"容量|多大|净含量|几[件片支本册袋包克]|多少[克斤毫件片支本册袋包]|多重|规格",
        ),
        ("防水", r"防水|进水|洗澡|游泳|淋雨"),
        ("洗涤|清洁", r"洗|缩水|褪色|掉色|清洁"),
        ("尺码|版型|腰型|尺寸", r"尺[码寸]|码|偏大|偏小|版型|穿多大|多高|多宽|多长"),
        ("保质期|开封后|储存", r"保质|过期|放多久|存放|储存|保存|冷藏|开封"),
        ("产地|发货", r"产地|哪里产|哪产|国产|进口"),
        (
            "适配|连接|蓝牙|协议|接口|输出",
            r"适配|兼容|连接|连上|蓝牙|接口|华为|苹果|安卓|快充|协议|能用在",
        ),
        ("保温|厚度", r"保温|厚|保暖|暖和"),
        ("肤质|适读", r"肤质|敏感|油皮|干皮|几岁|多大孩子|适合.{0,4}(?:岁|孩子|宝宝)"),
        ("光源|显色", r"护眼|光|亮"),
        ("灶具", r"电磁炉|燃气|灶"),
        ("登机", r"飞机|登机|带上"),
        ("保修", r"保修|质保"),
    )
)


def asked_specs(text: str, specs: Mapping[str, str]) -> dict[str, str]:
    """The entries of ``specs`` that the words ask for, by name or by what stands for it."""
    direct = {name: value for name, value in specs.items() if name in text}
    if direct:
        return direct
    patterns = [names for names, words in _ALIASES if words.search(text)]
    return {
        name: value
        for name, value in specs.items()
        if any(pattern.search(name) for pattern in patterns)
    }


def asks_for_point(text: str) -> bool:
    """Whether the words ask for something that a page would tell, known or not."""
    return any(words.search(text) for _, words in _ALIASES)
