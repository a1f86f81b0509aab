"""A large made-up roster, written by COPY: units in a tree of four levels, people with posts and histories."""

from __future__ import annotations

import io
import random
from typing import Any

from django.db import connection

from cadres.names import name_columns

SURNAMES = (
    "王李张刘陈杨黄赵吴周徐孙马朱胡郭何高林罗郑梁谢宋唐许韩冯邓曹彭曾肖田董袁潘于蒋蔡余杜叶程苏魏吕丁任沈"
    "姚卢姜崔钟谭陆汪范金石廖贾夏韦付方白邹孟熊秦邱江尹薛闫段雷侯龙史陶黎贺顾毛郝龚邵万钱严覃武戴莫孔向汤"
)
WEIGHTS = [100 / (rank + 12) for rank in range(len(SURNAMES))]
GIVEN = (
    "伟芳娜敏静丽强磊军洋勇艳杰涛明超霞平刚桂英华玉兰红梅建国志文海波辉鹏飞晓燕春秀云丹慧宇婷雪琳俊浩天佳"
    "欣怡嘉诚思远博学立新永康家宁子轩梓涵若溪一凡少卿承业德昌仁义礼智信忠孝廉耻山川河岳松柏竹菊兰芝蕙荷"
)
BRANCHES = 10  # the root has ten parts, each of them ten again: 100 %, 10 % and 1 % of the people

_UNITS = """
INSERT INTO accounts_unit (id, code, name, name_key, initials, kind, parent_id, path, stage, is_rural, is_weak,
                           cluster, updated_at)
WITH tenths AS (SELECT 2 + n AS id, n FROM generate_series(0, 9) n),
     parts AS (SELECT 100 + t.n * 10 + m AS id, t.id AS above, t.n, m FROM tenths t, generate_series(0, 9) m),
     schools AS (SELECT 1000 + row_number() OVER () AS id, p.id AS above, t.id AS top
                 FROM parts p JOIN tenths t ON t.n = p.n, generate_series(1, %(schools)s))
SELECT 1, 'B1', '示例市教育局', 'shi', 's', 'bureau', NULL::bigint, '/1/', '', false, false, '', now()
UNION ALL SELECT id, 'B' || id, '第' || n || '片', 'di', 'd', 'central', 1, '/1/' || id || '/', '', false, false,
                 '', now() FROM tenths
UNION ALL SELECT id, 'B' || id, '第' || n || m || '学区', 'di', 'd', 'central', above,
                 '/1/' || above || '/' || id || '/', '', false, false, '', now() FROM parts
UNION ALL SELECT id, 'B' || id, '第' || id || '小学', 'di', 'd', 'school', above,
                 '/1/' || top || '/' || above || '/' || id || '/', '', false, false, '', now() FROM schools
"""
_PEOPLE = """
INSERT INTO cadres_cadre (unit_id, unit_path, name, name_key, initials, grams, gender, birth,
    birth_precision, id_number, native_place, work_start_precision, phone, note, created_at, updated_at)
SELECT u.id, u.path, n.name, n.name_key, n.initials, n.grams,
       CASE WHEN random() < 0.45 THEN '1' ELSE '2' END, date '1965-01-01' + (random() * 10000)::int, 'day',
       '', '示例', 'day', '', '', now(), now()
FROM generate_series(1, %(people)s) i
JOIN made_names n ON n.number = 1 + abs(hashint8(i)) %% (SELECT count(*) FROM made_names)
JOIN LATERAL (SELECT 1001 + abs(hashint8(i + 77777777)) %% %(schools)s AS id) s ON true
JOIN accounts_unit u ON u.id = s.id
"""
_HISTORIES = (
    """INSERT INTO cadres_personnelrelation (cadre_id, unit_id, unit_path, start, start_precision, end_precision,
           leaving, created_at, updated_at)
       SELECT id, unit_id, unit_path, date '2010-09-01', 'month', 'day', '', now(), now() FROM cadres_cadre""",
    """INSERT INTO cadres_post (unit_id, unit_path, title, category, updated_at)
       SELECT id, path, t.title, t.category, now() FROM accounts_unit,
              (VALUES ('校长', 'head'), ('副校长', 'deputy'), ('主任', 'middle')) t (title, category)
       WHERE kind = 'school'""",
    """INSERT INTO cadres_appointment (cadre_id, unit_id, unit_text, title, post_id, kind, is_main, start,
           start_precision, end_precision, document_number, removal_reason, "order", created_at, updated_at)
       SELECT c.id, c.unit_id, '', p.title, p.id, 'regular', true, date '2012-01-01' + (random() * 5000)::int,
              'day', 'day', '', '', 0, now(), now()
       FROM cadres_cadre c JOIN cadres_post p ON p.unit_id = c.unit_id AND p.category =
            (CASE c.id %% 5 WHEN 0 THEN 'head' WHEN 1 THEN 'deputy' WHEN 2 THEN 'deputy' ELSE 'middle' END)""",
    """INSERT INTO cadres_education (cadre_id, mode, level_id, level_text, degree_text, school, major, "order",
           start_precision, end_precision, created_at, updated_at)
       SELECT c.id, 'full_time', k.id, k.short, '', '示例师范学院', '', 0, 'day', 'day', now(), now()
       FROM cadres_cadre c JOIN cadres_code k ON k.list = 'education' AND k.code =
            (CASE WHEN c.id %% 10 < 2 THEN '31' WHEN c.id %% 50 = 7 THEN '14' ELSE '21' END)""",
    """INSERT INTO cadres_politicalstatus (cadre_id, status_id, start, start_precision, end_precision, created_at,
           updated_at)
       SELECT c.id, k.id, date '2005-07-01', 'month', 'day', now(), now()
       FROM cadres_cadre c JOIN cadres_code k ON k.list = 'political' AND k.code =
            (CASE WHEN c.id %% 3 < 2 THEN '01' ELSE '13' END)""",
)
_TABLES = (
    "accounts_unit", "cadres_cadre", "cadres_personnelrelation", "cadres_post", "cadres_appointment",
    "cadres_education", "cadres_politicalstatus",
)  # fmt: skip


def build(people: int, *, people_per_school: int = 20, seed: int = 7) -> None:
    """Fill an empty, migrated database with code tables: a tree of four levels and people in its schools."""
    schools = max(1, people // people_per_school // BRANCHES**2)
    numbers = {"people": people, "schools": schools}
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT setseed({seed / 1000})")
        _copy_names(cursor, random.Random(seed), min(people, 30_000))
        cursor.execute(_UNITS, numbers)
        cursor.execute(_PEOPLE, numbers | {"schools": schools * BRANCHES**2})
        for statement in _HISTORIES:
            cursor.execute(statement, {})
        for table in _TABLES:
            cursor.execute(
                f"SELECT setval(pg_get_serial_sequence(to_regclass('{table}')::text, 'id'), (SELECT max(id) FROM {table}))"
            )
            cursor.execute(f"VACUUM ANALYZE {table}")
        cursor.execute("DROP TABLE made_names")


def _copy_names(cursor: Any, chance: random.Random, number: int) -> None:
    cursor.execute(
        "CREATE TEMP TABLE made_names (number bigint PRIMARY KEY, name text, name_key text, "
        "initials text, grams text[])"
    )
    lines = io.StringIO()
    for row, surname in enumerate(chance.choices(SURNAMES, WEIGHTS, k=number), 1):
        name = surname + "".join(chance.choices(GIVEN, k=chance.choice((1, 2, 2, 2))))
        found = name_columns(name)
        grams = "{" + ",".join(found["grams"]) + "}"
        lines.write(f"{row}\t{name}\t{found['name_key']}\t{found['initials']}\t{grams}\n")
    lines.seek(0)
    cursor.copy_expert("COPY made_names FROM STDIN", lines)
    cursor.execute("ANALYZE made_names")
