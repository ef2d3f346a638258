"""拒绝的话 / What a refusal says on a page: field, got and want in the firm's and the desk's words.

A check's own texts are English, for logs and other systems; tests/scenarios/test_refusals.py has
them all.
"""

from __future__ import annotations

from typing import Final

from bihuan.register.scheme import Says, Words

FIELDS: Final[dict[str, Words]] = {
    "measure": ("单位", "Unit"),
    "from_place": ("从哪里来", "From"),
    "to_place": ("到哪里去", "To"),
    "caller": ("来电人", "Caller"),
    "read_back": ("是否复述", "Read back"),
    "expires": ("有效期至", "Until"),
    "far_end_agreed": ("对方同意", "The other end agreed"),
    "plate": ("车牌", "Plate"),
    "supplier": ("供应商", "Supplier"),
    "supplier_firm": ("供应商（本县企业）", "Supplier, a firm here"),
    "as_of": ("盘点时间", "Counted at"),
    "share": ("占比", "Share"),
    "value": ("数值", "Value"),
    "unit": ("单位", "Unit"),
    "of": ("共几名", "Of how many"),
    "tied": ("是否并列", "Tied"),
    "rank": ("名次", "Rank"),
    "may_publish": ("可以公开", "May be published"),
    "seller": ("卖方", "Seller"),
    "document": ("合同编号", "Contract"),
}
_TEXTS: Final = (
    # what was got
    ("没有填", "nothing"),
    ("没有填", "None"),
    ("否", "False"),
    ("已过", "over"),
    ("两个都没填", "neither"),
    ("两个都填了", "supplier_firm and supplier"),
    ("晚于现在", "later than now"),
    ("企业自己", "the firm itself"),
    ("买方自己", "the buyer itself"),
    ("数值和名次都没填", "neither value nor rank"),
    ("{} 天", "{} days"),
    # what is wanted
    ("起点和终点", "both ends of the route"),
    ("数量用什么单位", "what the quantity is counted in"),
    ("谁说的、是否复述过", "who said it, and whether it was read back"),
    ("与起点不同的地方", "another place than the start"),
    ("大于 0 天，至多 {} 天", "more than 0, at most {} days"),
    ("是：对方已同意", "yes: the other end agreed"),
    ("以后的时间", "a time ahead"),
    ("没有另一张有效通行证的车", "a vehicle without another pass that holds"),
    ("两个里填一个：本县企业，或者名称", "one of supplier_firm and supplier"),
    ("库存是什么时候盘点的", "when the stock was counted"),
    ("已经过去的时间", "a time that has passed"),
    ("大于 0；不知道就不填", "more than 0, or nothing where it is unknown"),
    ("另一家企业", "another firm"),
    ("公布的是什么：数值、名次，或两样", "what was published: one or both"),
    ("公布时的单位", "the unit as it was published"),
    ("有名次就要填：共几名、是否并列", "with a rank: of how many, and whether tied"),
    ("至多 {}", "at most {}"),
    ("是：买方书面同意", "yes: the buyer agreed in writing"),
    ("合同的编号", "the number of the contract"),
)
TEXTS: Final = {en: zh for zh, en in _TEXTS}
SAYS: Final = Says(FIELDS, TEXTS)
