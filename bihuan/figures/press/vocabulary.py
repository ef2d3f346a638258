"""Word lists that several readers share: units, light verbs, places and organisations."""

from __future__ import annotations

_UNITS = """
个百分点 百分点 微克/立方米 毫克/立方米 毫克/升 微克每立方米
平方公里 平方千米 平方米 立方米 千瓦时 万千瓦 千瓦 兆瓦 公里 千米 海里 米 亩次 亩 公顷
吨 公斤 千克 克 升 毫米 斤
剂次 剂 针 人份 人次 辆次 架次 车次 场次 件次 户次 家次 班次 批次 门次 床次
美元 欧元 日元 港元 元
家 户 个 名 位 人 项 件 次 场 期 批 份 条 座 所 台 套 辆 艘 架 栋 幢 间 支 枚 对 张 本 篇 处 口 头
只 羽 株 棵 类 种 倍 % ‰ 床 单 宗 起 例 桩 笔 片 块 门 节 课时 标箱 箱 盒 瓶 桶 袋 册 部 颗 根 盏
站 桌 队 组 团 成
"""
_NOT_UNITS = """
个月 个小时 小时 分钟 个工作日 工作日 个交易日 个季度 个星期 个世纪 世纪 周年 个年头
年 月 日 天 时 分 秒 岁 周 号 级 版 届 ℃ 度 点 代 楼 层 路 强 大 名单 折 线 块钱
"""
_LIGHT = """
成功举办 举办 实现 完成 建设完成 建成 达成 达到 达 发展到 增加到 增长到 取得 得到 高达 数达 突破
设有 建有 旗下拥有 拥有 共有 设立 有 为 是 可实现 可达 增至 升至 增加至 包括 涵盖 导致 发现 据统计
造成 使得 让
"""
UNITS = frozenset(_UNITS.split())
NOT_UNITS = frozenset(_NOT_UNITS.split())
LIGHT_VERBS = tuple(sorted(_LIGHT.split(), key=lambda verb: (-len(verb), verb)))
MONEY = frozenset(("元", "美元", "欧元", "日元", "港元"))

# Regular expressions. A whole place (全市, 我县), a named one, an organisation or an event.
WHOLE = r"全[市省县国区镇村](?!民|各地|首|最|唯|青少年|人大|政协)|全街道|[我本][市省县区镇村]"
_NOT_IN_NAME = (
    r"(?![在于从由对随着了为和与及各本我全该个几这那有是到累计向的年]|行政|自然|县级|地级|城乡)"
)
_PLACE_END = (
    r"(?:街道|社区|开发区|新区|园区|市(?![民场委长级容政值内面区总])|县(?![长域委城])"
    r"|镇(?![长街域])|乡(?![村镇亲贤愁])|村(?![民委里庄集]))"
)
NAME = rf"(?:{_NOT_IN_NAME}[一-鿿]){{2,8}}?{_PLACE_END}"
BODY = (
    r"(?:(?![将在了把被对向我您她他])[一-鿿“”（）()A-Za-z0-9]){1,24}?(?:公司|集团|基地|中心|学校|医院|银行|合作社|联盟|协会|平台"
    r"|项目|仪式|大会|运动会|会议|服务站|产业园|园区)"
)
