/** CQL literals of every scalar type: ordinary ones, extremes, and the places where encodings change. */

export const SCALARS: Readonly<Record<string, readonly string[]>> = {
  ascii: ["'a'", "''", "'it''s'", "'~ !\"#$%&'", `'${'x'.repeat(300)}'`],
  bigint: ['0', '-1', '9223372036854775807', '-9223372036854775808', '9007199254740993', '128'],
  blob: ['0x', '0x00', '0xff', '0xdeadbeef', `0x${'00ff'.repeat(200)}`],
  boolean: ['true', 'false'],
  date: ["'1970-01-01'", "'2024-02-29'", '0', '4294967295', "'0001-01-01'", "'9999-12-31'"],
  decimal: ['0', '-1.5', '0.00', 'blobAsDecimal(0xfffffc1801)', '-123456789012345678901234567890.123456789', 'blobAsDecimal(0x000003e801)'],
  double: ['0', '-0.0', 'NaN', 'Infinity', '-Infinity', '1.7976931348623157E308', '4.9E-324', '0.1', '1E21', '1E-7', '123456789.123'],
  duration: ['1y2mo3w4d5h6m7s8ms9us10ns', '-1mo', '0s', '178956970y7mo', '1ns', '-89h4m48s', '1d23h'],
  float: ['0', '-0.0', 'NaN', 'Infinity', '-Infinity', '3.4028235E38', '1.4E-45', '0.1', '1E10', '16777217'],
  inet: ["'127.0.0.1'", "'::1'", "'255.255.255.255'", "'2001:db8::ff00:42:8329'", "'0.0.0.0'", "'::ffff:1.2.3.4'"],
  int: ['0', '-1', '2147483647', '-2147483648', '127', '65536'],
  smallint: ['0', '-1', '32767', '-32768', '256'],
  text: ["'a'", "''", "'žluťoučký 東京 🐘'", "'line\nbreak\ttab \"quote\" \\ back'", "'it''s'", `'${'0123456789'.repeat(120)}'`],
  time: ["'00:00:00'", "'23:59:59.999999999'", "'08:12:54.123456789'", '1', "'12:00:00.5'"],
  timestamp: ['0', '-1', "'2024-02-29T12:34:56.789+0000'", '9223372036854775807', '-9223372036854775808', '253402300800000'],
  timeuuid: ['50554d6e-29bb-11e5-b345-feff819cdc9f', '00000000-0000-1000-8080-808080808080', 'ffffffff-ffff-1fff-bf7f-7f7f7f7f7f7f', '13814000-1dd2-11b2-8080-808080808080', 'e23f1e02-2f7b-11ee-be56-0242ac120002'],
  tinyint: ['0', '-1', '127', '-128', '5'],
  uuid: ['00000000-0000-0000-0000-000000000000', 'ffffffff-ffff-ffff-ffff-ffffffffffff', '6ba7b810-9dad-11d1-80b4-00c04fd430c8', 'f47ac10b-58cc-4372-a567-0e02b2c3d479', '886313e1-3b8a-5372-9b90-0c9aee199e5d'],
  varint: ['0', '-1', '127', '128', '-128', '-129', '18446744073709551616', `${'9'.repeat(80)}`, `-${'9'.repeat(80)}`],
};

/** A longer look at frozen types as values, keys and clusterings. */
export const FROZEN: Readonly<Record<string, readonly string[]>> = {
  'frozen<list<int>>': ['[]', '[1]', '[1, 2, 3, -2147483648]'],
  'frozen<set<text>>': ['{}', "{''}", "{'a', 'b', 'ü'}"],
  'frozen<map<text, int>>': ['{}', "{'': 0}", "{'a': 1, 'b': 2}"],
  'tuple<int, text, frozen<list<int>>>': ["(1, 'a', [1, 2])", '(null, null, null)', "(2, null, [])"],
  'frozen<place>': ["{street: 'Main 1', zip: 12345, tags: {'home'}}", '{street: null, zip: null, tags: null}', "{street: ''}"],
};

/** A type's name made usable in an identifier. */
export function nameOf(type: string): string {
  return type.replace(/[^a-z0-9]+/g, '_').replace(/_+$/, '');
}
