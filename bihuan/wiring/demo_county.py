"""青禾县: an invented county for the demo. No real place, person or firm stands behind a name."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from shapely import MultiPoint, Polygon, voronoi_polygons
from shapely.geometry import Point

from bihuan.register.acts import Registrar

NAME: Final = ("青禾县", "Qinghe")
CODE: Final = "990100"  # 99: no province has this code

# A drawing, not a map: an outline and the middle of each town, in units of the page.
OUTLINE: Final = (
    (18, 36), (30, 22), (47, 20), (58, 12), (78, 10), (96, 16), (112, 12), (134, 16),
    (150, 26), (163, 40), (178, 44), (180, 62), (168, 74), (158, 88), (140, 96), (126, 108),
    (104, 112), (84, 106), (62, 112), (42, 108), (30, 96), (14, 88), (10, 70), (16, 54),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Town:
    """A town with its villages, who is on duty there, and the villages' secretaries."""

    name: tuple[str, str]
    middle: tuple[float, float]
    officer: tuple[str, str]
    villages: tuple[tuple[str, str], ...]
    secretaries: tuple[tuple[str, str], ...]


def _town(name: str, middle: tuple[float, float], officer: str, *villages: str) -> Town:
    """Each text is `汉字 Latin`; a village is `村名 Latin / 书记 Latin`."""
    pairs = [tuple(_pair(part) for part in village.split(" / ")) for village in villages]
    return Town(
        _pair(name), middle, _pair(officer), tuple(p[0] for p in pairs), tuple(p[1] for p in pairs)
    )


def _pair(text: str) -> tuple[str, str]:
    zh, _, latin = text.partition(" ")
    return zh, latin


TOWNS: Final = (
    _town("石门镇 Shimen", (38, 36), "罗文斌 Luo Wenbin",
          "柏树村 Baishu / 李建国 Li Jianguo", "上岭村 Shangling / 田有福 Tian Youfu"),
    _town("双河镇 Shuanghe", (66, 28), "彭志远 Peng Zhiyuan",
          "河湾村 Hewan / 孔令山 Kong Lingshan", "新桥村 Xinqiao / 范小军 Fan Xiaojun"),
    _town("松岭乡 Songling", (92, 24), "赵强 Zhao Qiang",
          "松坪村 Songping / 姚春生 Yao Chunsheng", "黄泥村 Huangni / 任世平 Ren Shiping"),
    _town("清泉乡 Qingquan", (124, 34), "陈敏 Chen Min",
          "泉水村 Quanshui / 冯守义 Feng Shouyi", "石坎村 Shikan / 段新民 Duan Xinmin"),
    _town("大坪镇 Daping", (156, 46), "曾伟 Zeng Wei",
          "大坪村 Dapingcun / 石长贵 Shi Changgui", "茶园村 Chayuan / 黎光明 Li Guangming"),
    _town("柳溪镇 Liuxi", (30, 60), "邓海波 Deng Haibo",
          "柳溪村 Liuxicun / 孙国梁 Sun Guoliang", "竹园村 Zhuyuan / 蒋文华 Jiang Wenhua"),
    _town("白杨镇 Baiyang", (62, 56), "唐晓燕 Tang Xiaoyan",
          "白杨村 Baiyangcun / 韩立新 Han Lixin", "下沙村 Xiasha / 宋玉林 Song Yulin"),
    _town("青石镇 Qingshi", (94, 60), "刘芳 Liu Fang",
          "上坝村 Shangba / 许德厚 Xu Dehou", "石桥村 Shiqiao / 沈文启 Shen Wenqi"),
    _town("云台乡 Yuntai", (112, 46), "马俊峰 Ma Junfeng",
          "云台村 Yuntaicun / 卢正清 Lu Zhengqing", "梨树村 Lishu / 尹富贵 Yin Fugui"),
    _town("龙泉镇 Longquan", (150, 72), "周启明 Zhou Qiming",
          "龙泉村 Longquancun / 常福来 Chang Fulai", "东坡村 Dongpo / 施永康 Shi Yongkang"),
    _town("城关镇 Chengguan", (34, 88), "吴静 Wu Jing",
          "东街社区 Dongjie / 毛丽华 Mao Lihua", "南门社区 Nanmen / 高卫东 Gao Weidong"),
    _town("河口镇 Hekou", (66, 88), "谢海涛 Xie Haitao",
          "河口村 Hekoucun / 郝家旺 Hao Jiawang", "渡头村 Dutou / 金水生 Jin Shuisheng"),
    _town("梅川镇 Meichuan", (94, 92), "丁慧 Ding Hui",
          "梅川村 Meichuancun / 汤少华 Tang Shaohua", "古塘村 Gutang / 严正平 Yan Zhengping"),
    _town("南坝乡 Nanba", (120, 82), "方志强 Fang Zhiqiang",
          "南坝村 Nanbacun / 贺长青 He Changqing", "双井村 Shuangjing / 顾大山 Gu Dashan"),
)  # fmt: skip

COMMAND: Final = ("何晓梅 He Xiaomei", "梁志军 Liang Zhijun")


@dataclass(frozen=True, slots=True)
class Frame:
    """The county as it stands before any scenario: ids by Chinese name.

    officials  person ids: county, then each town and village by its own name
    latin      names of towns and villages in Latin letters
    """

    registrar: Registrar
    areas: dict[str, int]
    officials: dict[str, int]
    latin: dict[str, str]


def populate(registrar: Registrar) -> Frame:
    """Register areas and officials; every official can be reached by an on-screen phone."""
    latin = {town.name[0]: town.name[1] for town in TOWNS}
    latin |= dict(village for town in TOWNS for village in town.villages)
    frame = Frame(registrar, {}, {}, latin)
    registrar.county(NAME[0], NAME[1], "demo")
    county = registrar.area(CODE, NAME, "county", None, OUTLINE)
    frame.areas[NAME[0]] = county
    for n, text in enumerate(COMMAND):
        person = registrar.person(*_pair(text), phone=f"0990 1000 00{n:02}", channels=["screen"])
        registrar.post(person, "county_command", county)
        frame.officials[NAME[0] if n == 0 else text] = person
    for n, (town, outline) in enumerate(zip(TOWNS, outlines(), strict=True)):
        _populate_town(frame, town, f"{CODE}{n + 1:03}", outline)
    return frame


def _populate_town(frame: Frame, town: Town, code: str, outline: list[tuple[float, float]]) -> None:
    registrar = frame.registrar
    area = registrar.area(code, town.name, "town", frame.areas[NAME[0]], outline)
    frame.areas[town.name[0]] = area
    officer = registrar.person(*town.officer, phone=f"0990 2{code[-3:]} 0000", channels=["screen"])
    registrar.post(officer, "town_duty", area)
    frame.officials[town.name[0]] = officer
    for k, (village, who) in enumerate(zip(town.villages, town.secretaries, strict=True)):
        place = registrar.area(f"{code}{k + 201}", village, "village", area)
        frame.areas[village[0]] = place
        phone = f"0990 3{code[-3:]} {k:04}"
        secretary = registrar.person(*who, phone=phone, channels=["screen"])
        # secretary and director of a village are often one man: two posts, one person to call
        for role in ("village_duty", "village_director"):
            registrar.post(secretary, role, place)
        frame.officials[village[0]] = secretary


def outlines() -> list[list[tuple[float, float]]]:
    """Each town's ring: the drawing shared out among the towns' middles."""
    county = Polygon(OUTLINE).buffer(6, join_style="round").buffer(-3, join_style="round")
    middles = [Point(town.middle) for town in TOWNS]
    cells = voronoi_polygons(MultiPoint(middles), extend_to=county).geoms
    found = []
    for middle in middles:
        cell = next(cell for cell in cells if cell.contains(middle))
        town = cell.intersection(county).simplify(0.3)
        assert isinstance(town, Polygon), "every middle lies inside the drawing"
        found.append([(round(x, 1), round(y, 1)) for x, y in town.exterior.coords])
    return found
