"""What is read out of a text as personal data: each kind, hidden in every way, and nothing that is none."""

import string
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st
from stdnum.cn import uscc

from publisher.gate.privacy import is_card_number, masked, personal
from registry.resident_number import is_resident_number

PERSONAL = {
    "身份证号 11010519491231002X 已核": ["resident"],
    "证件１１０１０５１９４９１２３１００２Ｘ": ["resident"],
    "证件110105 19491231 002X": ["resident"],
    "证件1101\u200b05194912\u200b31002x": ["resident"],
    "旧证 110105491231002 号": ["resident15"],
    "请打13800138000": ["mobile"],
    "手机138-0013-8000。": ["mobile"],
    "手机 +86 138 0013 8000": ["mobile"],
    "微信同号：①③⑧⓪⓪①③⑧⓪⓪⓪": ["mobile"],
    "电话一三八零零一三八零零零": ["mobile"],
    "座机0574-87654321": ["telephone"],
    "座机（0574）87654321": ["telephone"],
    "联系电话：87654321": ["telephone"],
    "卡号6222 0000 0000 0000 005": [],
    "卡号 4111 1111 1111 1111": ["card"],
    "转到6228480402564890018": ["card"],
    "学费转入账号3901120009200012345": ["account"],
    "开户行：某银行海曙支行，帐号：3310 1234 5678 9012 3": ["account"],
    "要求汇入个人账户（81014101421001234）": ["account"],
    "账户19-480101040012345": ["account"],
    "汇入个人账户6228480402564890018": ["card"],
    "写信到 parent@example.com": ["mail"],
    "写信到 parent＠example.com": ["mail"],
    "加QQ 123456789": ["handle"],
    "QQ群：87654321": ["handle"],
    "加微信xiaoming_2015": ["handle"],
    "VX：wang-li_88": ["handle"],
    "该生家住海曙区高塘路 12 号 301 室": ["home"],
    "学生王小明受伤": ["minor"],
    "学生王某某受伤": ["minor"],
    "学生张××投诉": ["minor"],
    "李同学反映": ["minor"],
    "王小明同学被打": ["minor"],
    "家长陈丽反映未退费": ["minor"],
    "投诉人：周敏": ["minor"],
    "三年级2班王小明": ["minor"],
    "学\u200b生王小明受伤": ["minor"],
    "孩子叫王小明": ["minor"],
    "其子王小明受伤": ["minor"],
    "女儿陈晓被打": ["minor"],
    "未成年人李小红": ["minor"],
    "张小明的妈妈反映未退费": ["minor"],
    "学生何小明被打": ["minor"],
    "学生何明被打": ["minor"],
    "学生高一诺被打": ["minor"],
    "向学生何小明一次性收取六个月的费用": ["minor"],
    "学生王小明一次性交费": ["minor"],
    "学生俞子涵课后留下": ["minor"],
    "家长曾小丽投诉": ["minor"],
    "学生方小明被推倒受伤": ["minor"],
    "学生俞子涵说": ["minor"],
    "学生张小明摔伤": ["minor"],
    "学生欧阳娜娜被打": ["minor"],
    "学生全红婵说": ["minor"],
    "学生王国强被打": ["minor"],
    "学生于春华被打": ["minor"],
    "学生于小明被打": ["minor"],
    "学生小明被打": ["minor"],
    "学生王\U00020bb7被打": ["minor"],
    "学生\U00020bb7田一说": ["minor"],
    "家长方琳反映未退费": ["minor"],
    "举报人 俞敏": ["minor"],
    "女童佳佳": ["minor"],
    "男童小宇走失": ["minor"],
    "张小明（学生）": ["minor"],
    "对高一诺（三年级学生）询问": ["minor"],
    "经询问，何小明（女，9岁）称被打": ["minor"],
    "受害人张小明（10岁）": ["minor"],
    "伤者方某送医": ["minor"],
    "何小明同学被打": ["minor"],
    "高一诺的妈妈反映未退费": ["minor"],
    "三年级2班何小明说": ["minor"],
    "ID33020319900202045X": ["resident"],
    "身份证330203199002020451": ["misread"],
    "身份证号码：33020319900202045": ["misread"],
    "电话 8812 3456": ["telephone"],
    "手机壹叁捌零零壹叁捌零零零": ["mobile"],
    "手机一三八零零一三八零零零": ["mobile"],
    "户名张三，开户行工行，1203 0000 1234 5678 901": ["account"],
}
NOT_PERSONAL = (
    "",
    "甬教罚〔2025〕877号",
    "教民133020370008770号",
    "教民1330203700087701",
    "统一社会信用代码 91330203MA20000D7C",
    "52330203MJ80000A6W",
    "2026-11-05 至 2026-12-31",
    "2026年11月5日",
    "罚款 300000.00 元，没收 12345678 元",
    "一次交费不超过 3 个月或 60 课时，且不超过 5,000 元",
    "学生余额未退",
    "学生任课教师没有资格证",
    "收取学生费用，拒不退还",
    "全体家长会上",
    "许多家长反映退费难",
    "其余同学转到别处",
    "学员马上停课",
    "幼儿园",
    "教师王小明没有教师资格证",
    "宁波市鄞州区明德书画培训学校",
    "宁波市海曙区古林镇新城大道726号2层",
    "安全出口堆放杂物",
    "住宿学生没有登记",
    "课程编号 20261105001",
    "PDZA202633020000012345",
    "监管账户余额 123456789 元",
    "账户：123456789元",
    "账户为 12345678.90 元",
    "监管账户未按时报送，账号已变更",
    "其子公司没有办学许可证",
    "学生的妈妈反映退费难",
    "儿子和女儿都在该机构就读",
    "家长姓名没有登记",
    "学生家长反映该机构未按合同退费",
    "学生高峰期安全出口拥堵",
    "学生高峰时段被要求从侧门进出",
    "家长方面表示已收到退费",
    "学生人数超过核定规模",
    "女童培训班未备案",
    "学生何时退费没有说明",
    "家长高度关注退费进度",
    "学生方便时到前台登记",
    "学生高中阶段的课程未备案",
    "学生高一的数学课属于学科类培训",
    "学生高三在读期间参加培训",
    "学生安全的管理制度没有上墙",
    "学生平时在该机构午托",
    "学生成绩的排名在墙上公布",
    "学生时间表与备案的不符",
    "家长支付的费用没有进入监管账户",
    "家长通过转账向机构缴费",
    "家长向教育局投诉",
    "家长向其索要票据",
    "家长和教师的联系记录",
    "学生和家长的签字不全",
    "学生从楼梯下来时没有人管理",
    "学生全部退费",
    "学员全程由一名教师照看",
    "孩子都在该机构上课",
    "家长有权要求退费",
    "家长应当在合同上签字",
    "学生应到的人数与点名册不符",
    "学生于当日转到别处",
    "学生于2026年11月5日入学",
    "学生于家中受伤，学员于春季报名",
    "学生在某机构上课",
    "家长与某培训机构签订合同",
    "学生某日被要求补课",
    "幼儿常见病的预防没有记录",
    "儿童游泳池没有救生员",
    "孩子上课时间超过20时30分",
    "家长已向该公司交费",
    "学生文化课成绩不作为宣传内容",
    "学生年龄的核对没有记录",
    "少年儿童工作者的资格",
    "学生居住地的登记",
    "未成年人权益的保护",
    "学员练习的场地没有消防通道",
    "学生管理的制度不健全",
    "考生方可参加",
    "学生双方的协议",
    "学生有关材料不全",
    "学生明确表示没有收到退款",
    "学生毕业后转到其他班",
    "家长平台的预约记录",
    "学生贺卡、学生作品在墙上展示",
    "家长纷纷表示不满",
    "家长往往在月底交费",
    "学生天天在该处午休",
    "学生小组的活动没有教师",
    "学生小学的课本由机构统一购买",
    "学生马上离开了教室",
    "学生家庭住址没有登记",
    "妇女儿童中心的场地",
    "鼓励学生家长选择合规机构",
    "每周向家长公示食谱",
    "课程供学员选择",
    "为何有的家长没有收到退款",
    "全体同学在场，班级同学都已退费",
    "其他同学和家长在场",
    "监护人和机构法定代表人的约定",
    "受害人已获赔付",
    "受害人经诊断为轻伤",
    "培训对象（学生）超过50人",
    "参训人员（家长）没有签到",
    "高中（含学生宿舍）",
    "古筝（6岁以上）、马术（8岁以上）",
    "小记者班（6岁至10岁）",
    "收费项目（学生保险）没有公示",
    "班主任（负责学生接送）没有资格证",
    "身份证330203********045X",
    "身份证复印件 20 份",
    "学生身份证号码没有登记",
    "户名和开户行没有变更，监管账户余额 123456789 元",
    "开户行：某银行海曙支行",
    "户名：宁波市海曙区晨光艺术培训学校，统一社会信用代码 91330203MA20000D7C",
    "电话 2 次没有人接",
    "罚款人民币壹万贰仟叁佰元整",
    "金额壹拾贰万叁仟肆佰伍拾陆元柒角捌分",
    "编号 AB2026110500",
    "学生安排到其他班级上课",
    "学生安排在二楼教室",
    "家长金额较大的退费分两次支付",
    "学生水杯和书包堆放在消防通道",
    "学生党员志愿者活动",
    "孩子白天在该机构上课晚上回家",
    "学生计算机编程课程没有备案",
    "学员车费自理的约定",
    "学生石膏像写生课",
    "家长时常到场旁听",
    "学员武术考级的费用",
    "学生成人高考班没有办学许可",
    "学生单独付费的课程",
    "家长代签的合同共12份",
    "学生代签名的情况",
    "儿童安全座椅的说明",
    "儿童康复训练课程",
    "家长满意度调查没有开展",
    "学生明年春季的课程已收费",
    "学生高一数学课没有备案",
    "学生高二暑期的英语课",
    "学生高三复习班",
    "家长云平台的登录记录",
    "学生花名册和收费登记表",
    "学生花费较大的课程",
    "学生余款未退，学生余下课时未退",
    "学生方向感训练课程",
    "家长方案一和方案二可选",
    "学生任意选课的约定",
    "学生任选两门课程",
    "学员毛笔书法课",
    "儿童乐高积木课程",
    "儿童画画班，学员国画班",
    "幼儿园幼儿午睡室没有监控",
    "幼儿常规培养",
    "幼儿时期的教育",
    "学生双休日到校上课",
    "学生双减政策宣传栏",
    "学生文具由机构统一购买",
    "学生文化课培训收费12万元",
    "学生国庆假期上课",
    "学员法律知识讲座",
    "学生关系到安全的事项",
    "家长关心的退费事项",
    "学生充值卡余额",
    "学生连续三天上课超过20时30分",
    "家长连夜排队报名",
    "学生周末两天上课",
    "学生周一至周五在该处就餐",
    "学生丰富的课余活动",
    "学生空间狭小，学生空余时间",
    "学生简单登记后即可入场",
    "学员习惯培养课",
    "学生曾两次投诉",
    "家长曾先后三次向机构索要发票",
    "学生祖父母接送",
    "家长万元以上的预付款",
    "家长付款方式，家长付清全部学费",
    "学生应急疏散演练没有记录",
    "学生应知应会的内容",
    "学生解散后没有人接送",
    "学生干预教师的教学",
    "学生单价为每课时120元",
    "家长经济困难的减免",
    "学生查寝记录",
    "学生申请退课的流程",
    "学生体检表",
    "学生车辆停放在安全出口",
    "学生温馨家园活动",
    "学生强身健体的课程",
    "学生宿舍楼三层没有应急照明",
    "家长信任教师",
    "学生广场舞班",
    "学生全家福照片没有经过同意就公布",
    "学生阳光体育活动",
    "学生年满六周岁",
    "学生海报在宣传栏展示",
    "家长易产生误解的广告",
    "学生麻疹疫情报告",
    "学生农历新年放假",
    "儿童福利机构的孩子",
    "儿童节活动收费",
    "学生冷饮由机构提供",
    "学员言行规范",
    "学生富余课时",
    "学生古诗文班",
    "学生景区研学活动",
    "学生红领巾课堂",
    "学生满勤奖励",
    "学生边吃边上课",
    "学生左手边的座位",
    "学生石子路上的活动",
    "学生谢师宴",
    "学生何以得知课程取消",
    "学生苏州研学活动",
    "学生姜山校区上课",
    "家长在古林镇居住",
    "学生柯桥区学籍",
    "学生毛巾、学生水壶没有分开存放",
    "学生郑重承诺书",
    "儿童诗歌朗诵",
    "学生季度缴费",
    "家长何种方式付款",
)


@pytest.mark.parametrize(("text", "kinds"), PERSONAL.items())
def test_personal_data_is_found_and_only_its_kind_is_told(text: str, kinds: list[str]) -> None:
    found = personal(text)
    assert [one.kind for one in found] == kinds
    for one in found:
        assert "*" in one.masked
        assert len(one.masked.rstrip("*")) <= 2


@pytest.mark.parametrize("text", NOT_PERSONAL)
def test_what_is_no_persons_is_left_alone(text: str) -> None:
    assert personal(text) == []


def test_an_offices_own_number_may_stand() -> None:
    text = "投诉电话0574-87654321，个人手机13800138000"
    assert [one.kind for one in personal(text, ("0574-8765 4321", "0574-87654321"))] == ["mobile"]


def test_a_number_of_a_paper_is_read_for_persons_alone() -> None:
    assert personal("13800138000", kinds=("resident",)) == []
    assert [one.kind for one in personal("11010519491231002X", kinds=("resident",))] == ["resident"]


def test_what_is_masked_tells_little() -> None:
    assert masked("13800138000") == "13**********"
    assert masked("王某") == "王*"


DAYS = st.dates(date(1930, 1, 1), date(2025, 12, 31))
PLACES = st.sampled_from(["110105", "330203", "330281", "440305", "522301", "659001"])
AROUND = st.text(alphabet="经查证件号码为，。：该人", max_size=8)
BETWEEN = st.sampled_from(["", " ", "-", "\u200b", " "])


@st.composite
def resident_numbers(draw: st.DrawFn) -> str:
    body = f"{draw(PLACES)}{draw(DAYS):%Y%m%d}{draw(st.integers(0, 999)):03d}"
    weights = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
    total = sum(int(a) * b for a, b in zip(body, weights, strict=True))
    return body + "10X98765432"[total % 11]


@st.composite
def mobiles(draw: st.DrawFn) -> str:
    return f"1{draw(st.integers(3, 9))}{draw(st.integers(0, 999_999_999)):09d}"


@st.composite
def cards(draw: st.DrawFn) -> str:
    body = (
        draw(st.sampled_from(["622848", "621700", "622202"]))
        + f"{draw(st.integers(0, 10**12 - 1)):012d}"
    )
    return next(body + str(one) for one in range(10) if is_card_number(body + str(one)))


@given(resident_numbers(), AROUND, AROUND, BETWEEN)
def test_every_resident_number_is_found(number: str, before: str, after: str, gap: str) -> None:
    assert is_resident_number(number)
    text = before + gap.join((number[:6], number[6:14], number[14:])) + after
    assert "resident" in {one.kind for one in personal(text)}


@given(mobiles(), AROUND, AROUND, BETWEEN)
def test_every_mobile_is_found(number: str, before: str, after: str, gap: str) -> None:
    text = before + gap.join((number[:3], number[3:7], number[7:])) + after
    assert {"mobile"} <= {one.kind for one in personal(text)}


@given(cards(), AROUND, AROUND, BETWEEN)
def test_every_card_is_found(number: str, before: str, after: str, gap: str) -> None:
    text = before + gap.join((number[:4], number[4:8], number[8:])) + after
    assert personal(text) != []


ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"


@given(
    st.sampled_from(["91", "92", "52", "12", "11"]),
    st.sampled_from(["330203", "330281", "110000", "330200"]),
    st.text(alphabet=string.digits, min_size=7, max_size=7),
    st.sampled_from(["MA", "MJ", "75"]),
)
def test_no_organisations_code_is_taken_for_a_persons(
    head: str, place: str, number: str, kind: str
) -> None:
    body = head + place + kind + number
    code = next(body + one for one in ALPHABET if uscc.is_valid(body + one)) if _has(body) else ""
    assert personal(f"代码{code}") == []


def _has(body: str) -> bool:
    return any(uscc.is_valid(body + one) for one in ALPHABET)


@given(DAYS, st.integers(1, 99999), st.sampled_from(["甬教罚", "甬教信", "海教责改"]))
def test_no_paper_and_no_day_is_taken_for_a_persons(day: date, number: int, word: str) -> None:
    assert (
        personal(f"{word}〔{day.year}〕{number}号，{day} 起，{day:%Y年%m月%d日}至{day:%Y/%m/%d}")
        == []
    )


@given(st.text(max_size=60))
def test_any_text_can_be_read(text: str) -> None:
    assert all("*" in one.masked for one in personal(text))
