"""Names, phones and addresses as shoppers type them."""

from __future__ import annotations

import pytest

from kefu.shop.recipient import (
    Place,
    address_verdict,
    name_verdict,
    parse_address,
    phone_verdict,
    tidy,
    tidy_phone,
)


@pytest.mark.parametrize(
    ("typed", "parts"),
    [
        ("浙江省杭州市西湖区文一西路88号", ("浙江省", "杭州市", "西湖区", "文一西路88号")),
        ("浙江 杭州市 西湖区 文一西路88号", ("浙江省", "杭州市", "西湖区", "文一西路88号")),
        ("北京市朝阳区建国路88号院", ("北京市", "北京市", "朝阳区", "建国路88号院")),
        ("北京市北京市朝阳区建国路88号院", ("北京市", "北京市", "朝阳区", "建国路88号院")),
        ("重庆市市辖区渝中区民权路1号", ("重庆市", "重庆市", "渝中区", "民权路1号")),
        ("上海，浦东新区，世纪大道100号", ("上海市", "上海市", "浦东新区", "世纪大道100号")),
        ("广西南宁市青秀区民族大道1号", ("广西壮族自治区", "南宁市", "青秀区", "民族大道1号")),
        ("内蒙古自治区锡林郭勒盟锡林浩特市那达慕街1号",
         ("内蒙古自治区", "锡林郭勒盟", "锡林浩特市", "那达慕街1号")),
        ("新疆巴音郭楞蒙古自治州库尔勒市人民路3号",
         ("新疆维吾尔自治区", "巴音郭楞蒙古自治州", "库尔勒市", "人民路3号")),
        ("吉林省吉林市船营区解放大路5号", ("吉林省", "吉林市", "船营区", "解放大路5号")),
        ("湖北省荆州市沙市区北京路9号", ("湖北省", "荆州市", "沙市区", "北京路9号")),
        ("湖南省常德市津市市九澧大道7号", ("湖南省", "常德市", "津市市", "九澧大道7号")),
        ("山东省青岛市市南区香港中路10号", ("山东省", "青岛市", "市南区", "香港中路10号")),
        ("广东省东莞市长安镇振安路66号", ("广东省", "东莞市", "长安镇", "振安路66号")),
        ("浙江省宁波市镇海区骆驼街道2号", ("浙江省", "宁波市", "镇海区", "骆驼街道2号")),
        ("江苏省苏州市昆山市前进路8号", ("江苏省", "苏州市", "昆山市", "前进路8号")),
        ("中国香港特别行政区湾仔区轩尼诗道1号",
         ("香港特别行政区", "香港特别行政区", "湾仔区", "轩尼诗道1号")),
    ],
)  # fmt: skip
def test_an_address_is_taken_apart(typed: str, parts: tuple[str, ...]):
    assert parse_address(tidy(typed)) == Place(*parts)
    assert address_verdict(tidy(typed)).allowed


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        ("", "bad_address"),
        ("文一西路88号", "bad_address"),
        ("杭州市西湖区文一西路88号", "bad_address"),
        ("浙江省文一西路88号", "bad_address"),
        ("浙江省杭州市", "bad_address"),
        ("浙江省杭州市西湖区", "address_incomplete"),
        ("浙江省杭州市西湖区1号", "address_incomplete"),
        ("浙江省杭州市西湖区" + "长" * 121, "address_too_long"),
    ],
)
def test_an_address_that_cannot_be_delivered_to_is_refused(typed: str, code: str):
    refused = address_verdict(tidy(typed))
    assert (refused.allowed, refused.code) == (False, code)
    assert refused.sentence.endswith("。")


@pytest.mark.parametrize(
    ("typed", "phone"),
    [
        ("138 0000 1234", "13800001234"),
        ("+86-138-0000-1234", "13800001234"),
        ("008613800001234", "13800001234"),
        ("（0571）8801-0001", "05718801-0001"),
        ("0571-88010001", "0571-88010001"),
        ("１３８００００１２３４", "13800001234"),
    ],
)
def test_a_phone_is_made_tidy(typed: str, phone: str):
    assert tidy_phone(typed) == phone


@pytest.mark.parametrize("phone", ["13800001234", "19912345678", "0571-88010001", "02188010001"])
def test_a_phone_that_can_be_called(phone: str):
    assert phone_verdict(phone).allowed


@pytest.mark.parametrize("phone", ["", "12800001234", "1380000123", "138000012345", "110", "电话"])
def test_a_phone_that_cannot_be_called(phone: str):
    assert phone_verdict(phone).code == "bad_phone"


def test_a_code_needs_a_mobile():
    assert phone_verdict("13800001234", mobile_only=True).allowed
    assert phone_verdict("0571-88010001", mobile_only=True).code == "bad_phone"


@pytest.mark.parametrize("name", ["李四", "欧阳娜娜", "买买提·吐尔逊", "Anna Smith", "张伟 收"])
def test_a_name_for_a_parcel(name: str):
    assert name_verdict(name).allowed


@pytest.mark.parametrize("name", ["", "李", "13800001234", "李四1", "<b>李四</b>", "李" * 26])
def test_no_name_for_a_parcel(name: str):
    assert name_verdict(name).code == "bad_recipient"
