/** Expressions and templates that must mean the same here and in Jinja2 with Ansible's filters. */

/** The variables that all cases see. */
export const DATA: Readonly<Record<string, unknown>> = {
  a: 'abc',
  b: 'Hello World',
  empty: '',
  n: null,
  t: true,
  f: false,
  i: 7,
  z: 0,
  neg: -3,
  x: 2.5,
  uni: 'naïve 😀 ß',
  lines: 'one\ntwo\n\nthree\n',
  nums: [3, 1, 2, 3],
  words: ['pear', 'Apple', 'fig', 'apple'],
  nested: [1, [2, [3, [4]]], []],
  mixed: [1, 'a', null, true, 2.5],
  d: { b: 1, a: 2, c: { deep: [10, 20], items: 'shadow' } },
  e: {},
  el: [],
  users: [
    { name: 'bob', age: 30, tags: ['x', 'y'], admin: true },
    { name: 'Alice', age: 25, tags: [], admin: false },
    { name: 'carol', age: 30, tags: ['y'] },
  ],
  result: { rc: 0, failed: false, changed: true, stdout: 'ok', results: [] },
  broken: { rc: 2, failed: true, msg: 'no', skipped: false, unreachable: false },
};

export const EXPRESSIONS: readonly string[] = `
1
1.0
-1
1e3
1.5e-7
1e16
1e15
123456789012345678
2**64
2**-1
-2**2
2**3**2
7/2
8/2
7//2
-7//2
7//-2
7.5//2
-7.5//2
7%3
-7%3
7%-3
-7.5%2
1.0//0.1
1/0
1//0
1%0
i/z
1+1.0
0.1+0.2
1+true
true+true
'a'+'b'
'a'+1
1+'a'
[1]+[2]
[1]+(2,)
(1,)+(2,)
'ab'*3
3*'ab'
'ab'*-1
[1,2]*2
(1,2)*2
'ab'*1.5
1~2~'x'
1~none~true~1.0
[1,'a']~{'k':none}
-a
+i
-x
- -3
not true
not ''
not nope
1 == 1.0
1 == true
1 == '1'
'a' == 'a'
[1,2] == [1,2]
[1,2] == (1,2)
(1,2) == (1,2)
{'a':1} == {'a':1.0}
{'a':1,'b':2} == {'b':2,'a':1}
none == false
1 != 2
1 < 2 < 3
1 < 2 > 3
3 > 2 >= 2
1 < 'a'
'a' < 'b'
'B' < 'a'
[1,2] < [1,3]
[1] < [1,0]
[1,'a'] < [2]
none < 1
1 <= 1.0
1 == 1 == 1
1 in [1,2]
1.0 in [1,2]
true in [1]
'1' in [1]
'b' in a
'' in a
1 in 'abc'
'a' in d
'zz' in d
'a' not in d
1 in 5
not 1 in [2]
1 not in [2] and true
true and 1
0 and 1
0 or 'x'
'' or 0
'a' or nope
nope or 'a'
true or nope
nope and 1
not not 1
1 if true else 2
1 if false else 2
1 if false
'x' if nope else 'y'
'x' if nope is defined else 'y'
1 if f else 2 if t else 3
(1 if f else 2) if t else 3
a
a.b
a[0]
a[-1]
a[5]
a[1:]
a[:2]
a[::-1]
a[::2]
a[-2:]
a[10:]
a[1:1]
a[2:0:-1]
uni[6]
uni[6:]
uni | length
uni | reverse
uni[::-1]
nums[0]
nums[-1]
nums[9]
nums[1:3]
nums[::-1]
nums[-3:-1]
nums['x']
nums[true]
nums.0
nums.1
d.a
d['a']
d.c.deep[1]
d.c.deep.0
d.c.items()
d['c']['items']
d.c['items']
d.missing
d.missing | default('x')
d.missing.more | default('x')
d['missing']['more'] | default('x')
nope
nope.a.b | default(1)
nope | default
nope | d('x', true)
empty | default('x')
empty | default('x', true)
z | default(5, true)
n | default('x')
n | default('x', true)
f | default('x', boolean=true)
nope | default(nope2) | default(3)
d.keys()
d.values()
d.items()
d.items() | list
d.get('a')
d.get('zz')
d.get('zz', 5)
d['get']('a')
d.get()
e or 'empty'
el or 'empty'
(1,)
()
(1,2)
1,2
[1,]
[]
{}
{'a':1,}
{1:2}
{'a':{'b':[1,(2,3)]}}
{true: 1}
{1: 'a', '1': 'b'}
{'2': 1, '1': 2}
{[1]: 2}
{(1,2): 3}
{1: 'x'}[1]
{1: 'x'}[1.0]
{1: 'x'}[true]
{'1': 'x'}[1]
'a' 'b'
'it\\'s'
"dq \\" x"
'tab\\tnl\\n'
'\\x41\\u00e9\\U0001F600'
'\\q'
'\\101'
"it's"
'say "hi"'
'both \\' and "'
['\\n', "it's", 'é', '\\x00', '😀']
0x1f
0b101
0o17
1_000
1_0.5
true
True
none
None
false
a.upper()
b.lower()
b.title()
b.swapcase()
b.capitalize()
b.split()
b.split('o')
b.split('o', 1)
b.rsplit('o', 1)
' a  b '.split()
' a  b '.split(' ')
'a b c d'.split(none, 2)
'a b c d'.rsplit(none, 2)
'a,b,,c'.split(',')
''.split()
''.split(',')
'abc'.split('')
lines.splitlines()
lines.splitlines(true)
'a\\r\\nb'.splitlines()
'  x '.strip()
'xxaxx'.strip('x')
'xxaxx'.lstrip('x')
'xxaxx'.rstrip('x')
a.startswith('a')
a.startswith(('x','a'))
a.endswith('c')
a.replace('b','X')
'aaa'.replace('a','b',2)
'abc'.replace('','-')
'-'.join(['a','b'])
'-'.join('abc')
'-'.join([1])
','.join(d)
a.find('c')
a.find('z')
a.rfind('a')
a.index('b')
a.index('z')
a.count('a')
'aaaa'.count('aa')
'5'.zfill(3)
'-5'.zfill(4)
'+5'.zfill(1)
'a'.ljust(3) ~ '|'
'a'.rjust(3)
'a'.center(4) ~ '|'
'ab'.center(5) ~ '|'
'ab'.center(5, '*')
'abc'.partition('b')
'abc'.partition('z')
'abcb'.rpartition('b')
'12'.isdigit()
'1a'.isdigit()
''.isdigit()
'ab'.isalpha()
'a1'.isalnum()
' '.isspace()
'ab'.islower()
'AB1'.isupper()
'1'.isupper()
'abc'.removeprefix('ab')
'abc'.removesuffix('bc')
'{} {}'.format(1, 'a')
'{0} {1} {0}'.format('a', 'b')
'{x}-{y}'.format(x=1, y=2)
'{:>5}|{:<5}|{:^5}'.format('a','b','c')
'{:05d} {:+d} {:,}'.format(42, 42, 1234567)
'{:.2f} {:8.3f} {:e} {:g}'.format(3.14159, 2.5, 12345.678, 0.00001)
'{:x} {:X} {:#x} {:b} {:o} {:08b}'.format(255, 255, 255, 5, 8, 5)
'{:%}'.format(0.25)
'{!r} {!s}'.format('a', 'b')
'{a[k]} {b[0]}'.format(a={'k': 1}, b=[5])
'{{}}'.format()
'{'.format()
'{}'.format()
'{:d}'.format('x')
'{:*^9}'.format('mid')
'{:>{w}}'.format('a', w=4)
'{:,.2f}'.format(1234567.891)
'{:_}'.format(1000000)
'{: d}'.format(5)
'{:=+5d}'.format(3)
'%s' % 'a'
'%s %s' % ('a', 1)
'%d' % 3.7
'%5d|%-5d|%05d' % (1, 2, 3)
'%+d % d' % (1, 2)
'%.2f' % 2.675
'%5.1f|' % 3.14159
'%e %g %G' % (12345.678, 0.00001, 1e20)
'%x %X %o %#x' % (255, 255, 8, 255)
'%r' % 'a'
'%c%c' % ('a', 98)
'%%' % ()
'%(k)s-%(n)03d' % {'k': 'v', 'n': 7}
'%s' % [1, 2]
'%s %s' % 'a'
'%s' % ('a', 'b')
'%d' % 'x'
'%*d' % (5, 42)
'%.3s|' % 'abcdef'
'%s' % none
'%i' % true
'%.0f %.0f %.0f' % (0.5, 1.5, 2.5)
1.0 | string
1e100
1e-5
0.0001
123456789.123
1.0e22
-0.0
0.1 | string
100000000000000000000.0
nums | length
d | length
a | length
5 | length
nums | first
el | first
el | first | default('none')
nums | last
nums | min
nums | max
el | max
words | min
words | max
users | max(attribute='age')
nums | sum
users | sum(attribute='age')
el | sum
[1.5, 2] | sum
[[1],[2]] | sum(start=[])
nums | sort
nums | sort(reverse=true)
words | sort
words | sort(case_sensitive=true)
users | sort(attribute='age') | map(attribute='name') | list
users | sort(attribute='age,name') | map(attribute='name') | list
users | sort(attribute='name', reverse=true) | map(attribute='name') | list
mixed | sort
nums | unique | list
words | unique | list
nums | reverse | list
a | reverse
nums | join(',')
nums | join
users | join(',', attribute='name')
users | map(attribute='age') | join('-')
[1, none, true, 2.0] | join('|')
a | list
d | list
5 | list
nums | batch(2) | list
nums | batch(3, 0) | list
nums | slice(3) | list
nums | slice(3, 'x') | list
words | map('upper') | list
words | map('length') | list
words | map('replace', 'p', 'P') | list
words | map('default', 'x') | list
nums | map('string') | map('int') | list
users | map(attribute='tags') | list
users | map(attribute='tags.0') | list
users | map(attribute='tags.0', default='-') | list
users | map(attribute='admin') | select('defined') | list
users | map(attribute='admin', default=false) | list
nums | map('nosuch') | list
nums | select('odd') | list
nums | reject('odd') | list
nums | select | list
mixed | select('string') | list
mixed | select('number') | list
mixed | reject('none') | list
nums | select('gt', 1) | list
nums | select('in', [1,2]) | list
users | selectattr('admin') | map(attribute='name') | list
users | selectattr('admin', 'defined') | map(attribute='name') | list
users | rejectattr('admin', 'defined') | map(attribute='name') | list
users | selectattr('age', 'equalto', 30) | map(attribute='name') | list
users | selectattr('age', '==', 30) | map(attribute='name') | list
users | selectattr('name', 'match', '^[a-c]') | map(attribute='name') | list
users | selectattr('tags', 'contains', 'y') | map(attribute='name') | list
users | rejectattr('age', 'lt', 30) | map(attribute='name') | list
users | groupby('age') | list
users | groupby('admin', default=none) | length
users | groupby('age') | map(attribute=0) | list
users | groupby('age') | map('first') | list
users | groupby('age') | map(attribute='grouper') | list
d | dictsort
d | dictsort(false, 'value')
{'b':2,'a':1} | dictsort(reverse=true)
{'B':2,'a':1} | dictsort
d | items | list
a | upper
b | lower
'foo bar-baz (qux)' | title
'fOO bAR' | capitalize
'  x ' | trim
'xxaxx' | trim('x')
b | replace('o', '0')
b | replace('o', '0', 1)
'ab' | center(6) ~ '|'
lines | indent
lines | indent(2, true)
lines | indent(2, first=true, blank=true)
'a\\nb' | indent('>>')
'foo bar baz qux' | truncate(9)
'foo bar baz qux' | truncate(9, true)
'foo bar baz qux' | truncate(11)
'foo bar baz qux' | truncate(9, false, '..', 0)
'foo bar' | truncate(255)
b | wordcount
'a b c d e f g' | wordwrap(5)
'%s is %d' | format('x', 3)
'%(a)s' | format(a=1)
'<a href="x">&\\'</a>' | escape
'<b>bold</b> and <!-- c --> x' | striptags
'a b/c?d=é&f' | urlencode
{'a b': 1, 'c': 'x/y'} | urlencode
[['a', 1], ['b', 'é']] | urlencode
'5' | int
'5.9' | int
'x' | int
'x' | int(-1)
'0x1f' | int(base=16)
'1f' | int(0, 16)
'0b11' | int(base=2)
' 42 ' | int
'-7' | int
none | int
2.9 | int
-2.9 | int
true | int
'1_000' | int
'1e3' | int
'12345678901234567890' | int
'1.5' | float
'x' | float
'x' | float(1.5)
3 | float
'nan' | float | string
none | float
3 | string
-3 | abs
-2.5 | abs
true | abs
2.5 | round
3.5 | round
2.345 | round(2)
2.675 | round(2)
1234 | round(-2)
1250 | round(-2)
2.1 | round(0, 'ceil')
2.9 | round(0, 'floor')
-2.5 | round
5 | round
2.567 | round(1, 'ceil')
{'a': [1, none, true, 1.0, 'é<&>\\'']} | tojson
{'b': 1, 'a': 2} | tojson
[1, {'a': 2}] | tojson(2)
{'b': 1, 'a': [1, 2.0, none, 'é']} | to_json
{'b': 1, 'a': 2} | to_json(sort_keys=true)
{'b': 1, 'a': [1, {}], 'c': []} | to_nice_json
{'b': 1} | to_nice_json(indent=2)
'é' | to_json(ensure_ascii=false)
'{"a": [1, 1.0, null, true, "x"]}' | from_json
'{bad' | from_json
'12345678901234567890' | from_json
{1: 2} | to_json
{'a': 1} | to_yaml
{'b': 1, 'a': [1, 2], 'c': {'d': {'e': 1}}} | to_yaml
users | to_yaml
users | to_nice_yaml
d | to_nice_yaml
d | to_nice_yaml(indent=2)
['yes', 'no', 'on', 'null', '~', '1', '1.5', '0x1', '1e3', '1_0', '2020-01-01', '12:30', '', ' a', 'a ', 'a: b', 'a #b', '#a', '- a', '-a', '?', '? a', ':', ':a', 'a:', '[', ']', '{', '*a', '&a', '!a', '|', '>', '%a', '@a', '=', '<<', "it's", 'say "x"', 'a,b', '---', '...'] | to_nice_yaml
{'yes': 1, '1': 2, 'a: b': 3, "it's": 4} | to_nice_yaml
['line\\n', 'a\\nb', 'a\\n\\nb', '\\n', ' \\n', 'a \\nb', 'tab\\there', 'bell\\x07', 'é', '😀'] | to_nice_yaml
['a b c d e f g h i j k l m n o p q r s t u v w x y z a b c d e f g h i j k l m n o p q r s t u v w x y z a b c'] | to_nice_yaml
['a: b c d e f g h i j k l m n o p q r s t u v w x y z a b c d e f g h i j k l m n o p q r s t u v w x y z a b c'] | to_nice_yaml
{'k': ['aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa', 'bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb', 'cccccccccccccccccccccc', 'd']} | to_yaml
[[1, [2, 3]], [[4]], {'a': [[5]]}] | to_nice_yaml
[1.0, 2.5, 1e100, true, none, 100000] | to_yaml
'a' | to_yaml
1 | to_yaml
[] | to_yaml
{} | to_nice_yaml
[{'a': 1, 'b': [1, 2]}, {'c': {}}] | to_nice_yaml(indent=2)
'a: [1, 1.0, yes, "yes", ~, 0x1f, 010, 1_000]' | from_yaml
'- a\\n- b: c' | from_yaml
'{"a": 1}' | from_yaml
'a: &x {b: 1}\\nc: {<<: *x, d: 2}' | from_yaml
'[' | from_yaml
'yes' | bool
'no' | bool
'True' | bool
'1' | bool
1 | bool
0 | bool
'on' | bool
'abc' | bool
none | bool
'/a/b/c.txt' | basename
'/a/b/' | basename
'/a/b/c.txt' | dirname
'/a/b/' | dirname
'/a' | dirname
'a' | dirname
'/a/b.tar.gz' | splitext
'.bashrc' | splitext
['/a', 'b', 'c'] | path_join
['a', '/b'] | path_join
'/a/b' | relpath('/a/c')
'abc123def' | regex_replace('[0-9]+', '-')
'abc' | regex_replace('(b)', '<\\\\1>')
'abc' | regex_replace('(?P<x>b)', '[\\\\g<x>]')
'abc' | regex_replace('B', 'x', ignorecase=true)
'a\\nb' | regex_replace('^', '> ', multiline=true)
'abc' | regex_replace('^a(.*)$', '\\\\1\\\\1')
'a.b.c' | regex_replace('\\\\.', '/')
'foo-bar' | regex_replace('(\\\\w+)-(\\\\w+)', '\\\\2-\\\\1')
'é1' | regex_replace('\\\\w', 'x')
'abc' | regex_replace('x*', '-')
'abc' | regex_search('b')
'abc' | regex_search('z')
'abc' | regex_search('a(b)(c)', '\\\\1', '\\\\2')
'abc' | regex_search('a(?P<m>b)', '\\\\g<m>')
'ABC' | regex_search('b', ignorecase=true)
'a1b22' | regex_findall('[0-9]+')
'a1b22' | regex_findall('([a-z])([0-9]+)')
'a1b22' | regex_findall('([a-z])[0-9]+')
'a\\nb' | regex_findall('^.', multiline=true)
'a.b*c [x] {y} -z/ #&~' | regex_escape
'[]a]' | regex_replace('[]a]', 'x')
'abc\\n' | regex_search('c$')
'x{y}' | regex_replace('{', '<')
{'a': 1} | combine({'b': 2})
{'a': {'x': 1, 'y': 2}} | combine({'a': {'y': 3}})
{'a': {'x': 1, 'y': 2}} | combine({'a': {'y': 3}}, recursive=true)
{'a': [1, 2]} | combine({'a': [2, 3]}, list_merge='append')
{'a': [1, 2]} | combine({'a': [2, 3]}, list_merge='prepend')
{'a': [1, 2]} | combine({'a': [2, 3]}, list_merge='append_rp')
{'a': [1, 2]} | combine({'a': [2, 3]}, list_merge='prepend_rp')
{'a': [1, 2]} | combine({'a': [2, 3]}, list_merge='keep')
{'a': 1} | combine({'b': 2}, {'a': 3})
[{'a': 1}, {'b': 2}] | combine
{'a': 1} | combine('x')
{'a': 1, 'b': 2} | dict2items
{'a': 1} | dict2items(key_name='k', value_name='v')
[{'key': 'a', 'value': 1}] | items2dict
[{'k': 'a', 'v': 1}] | items2dict(key_name='k', value_name='v')
[1,2,3] | difference([2])
[1,2,2,3] | intersect([2,3,4])
[1,2] | union([2,3])
[1,2] | symmetric_difference([2,3])
nested | flatten
nested | flatten(levels=1)
[1, none, [none]] | flatten
[1, none] | flatten(skip_nulls=false)
[1,2] | zip(['a','b','c']) | list
[1,2] | zip(['a','b'], [true, false]) | list
[1,2] | zip_longest(['a','b','c']) | list
[1,2] | zip_longest(['a','b','c'], fillvalue='-') | list
[1,2] | product(['a','b']) | list
[1,2] | product(repeat=2) | list
true | ternary('y', 'n')
false | ternary('y', 'n')
none | ternary('y', 'n', 'null')
none | ternary('y', 'n')
'' | ternary('y', 'n')
"it's" | quote
'a b' | quote
'' | quote
'safe-1.2/x' | quote
'abc' | b64encode
'é' | b64encode
'YWJj' | b64decode
'abc' | hash
'abc' | hash('md5')
'abc' | hash('sha256')
'abc' | checksum
'abc' | md5
'abc' | sha1
'a,b,c' | split(',')
'a b' | split
1 | human_readable
1024 | human_readable
123456789 | human_readable
10 | human_readable(isbits=true)
123456 | human_readable(unit='K')
'10M' | human_to_bytes
'1.5G' | human_to_bytes
'10' | human_to_bytes
'10' | human_to_bytes('K')
'1KB' | human_to_bytes
'10X' | human_to_bytes
1000 | filesizeformat
1500000 | filesizeformat
1024 | filesizeformat(true)
0 | extract(['a','b'])
'a' | extract({'a': 5})
'a' | extract({'a': {'b': 5}}, 'b')
'a' | extract({'a': {'b': [1, 7]}}, ['b', 1])
['a','b'] | map('extract', {'a': 1, 'b': 2}) | list
1 | type_debug
'a' | type_debug
none | type_debug
1.5 | type_debug
true | type_debug
[] | type_debug
{} | type_debug
users | subelements('tags') | length
users | subelements('tags') | map('last') | list
'%Y-%m-%d %H:%M:%S' | strftime(0, utc=true)
'%a %b %d %j %y %I %p' | strftime(86400, true)
2 | pow(3)
9 | root
8 | root(3)
100 | log(10)
i is defined
nope is defined
nope is undefined
nope is not defined
nope.x is defined
d.zz is defined
d.a is defined
n is none
n is not none
nope is none
a is string
i is string
nope is string
i is number
x is number
true is number
'1' is number
i is integer
x is integer
true is integer
1.0 is float
1 is float
d is mapping
el is mapping
el is sequence
a is sequence
d is sequence
5 is sequence
nope is sequence
el is iterable
5 is iterable
a is iterable
true is boolean
1 is boolean
true is true
1 is true
false is false
i is odd
i is even
6 is divisibleby 3
6 is divisibleby(4)
1 is eq 1
1 is eq(2)
1 is ne 2
1 is lt 2
2 is gt(1)
2 is ge 2
2 is le 1
a is equalto 'abc'
1 is sameas 1
n is sameas none
1 is in [1,2]
1 is not in [1,2]
'abc' is lower
'ABC' is upper
'aB' is lower
'1' is lower
[1,2] is contains 1
[1,2] is contains(3)
'abc' is match('a')
'abc' is match('b')
'abc' is search('b')
'ABC' is match('a', ignorecase=true)
'abc' is regex('^a.c$')
'abc' is regex('b', match_type='fullmatch')
'1.10' is version('1.9', '>')
'1.10' is version('1.10.0', '==')
'1.2.3' is version('1.2.4', 'lt')
'2.0' is version('1.0', 'ge')
'1.2' is version('1.2')
'1.0.0-rc.1' is version('1.0.0', '<', version_type='semver')
'1.0' is version('1.0.1', '<', strict=true)
'5.10.0-21-amd64' is version('5.4', '>')
'1.2' is version_compare('1.1', '>')
'1.2' is version('1.1', '~')
[1] is subset([1,2])
[1,2,3] is superset([1,2])
[1] is issubset [2]
[1,3] is issuperset([1])
[true, 1] is all
[true, 0] is all
[0, 1] is any
[0, ''] is any
1 is truthy
'' is truthy
'' is falsy
result is failed
result is success
result is succeeded
result is changed
result is skipped
broken is failed
broken is unreachable
broken is reachable
broken is not failed
result is not changed
5 is failed
'/a' is abs
'a' is abs
'/etc' is directory
'/etc/passwd' is file
'/etc/nope' is exists
i is defined and i > 5
i is defined or nope
d.a is defined and d.a == 2
i is odd and i is number
(i is odd) ~ 'x'
i is divisibleby 7 and t
range(3) | list
range(1, 10, 3) | list
range(5, 0, -2) | list
range(0) | list
range(3)[1]
dict(a=1, b=2)
dict([['a', 1], ['b', 2]])
dict({'x': 1}, y=2)
dict(['ab'])
namespace(a=1).a
a | upper | lower | length
-1 | abs
-1|string
1 + 2 | string
(1 + 2) | string
'a' ~ 1 | string
1 + 2 * 3
(1 + 2) * 3
2 * 3 ** 2
10 - 2 - 3
10 / 4 * 2
1 - -1
not true == false
1 + 1 in [2]
a | nosuch
a is nosuch
a |
| a
(1
[1
{'a'
'abc
1 +
a b
a..b
a.
1 = 1
a[1
a[]
foo(1)
a()
d()
none.x
i.x
a.nosuch
a.__class__
d.__init__
''.__class__.__mro__
lookup2('x')
joiner2
1 if
* 2
a[::0]
a['0']
d[0]
d[none]
nope[0]
[nope]
[nope] | length
{'a': nope}
[1, nope] | select('defined') | list
nope | upper
nope | length
nope + 1
nope == nope
nope in [1]
1 in [nope]
nope ~ 'a'
-nope
a[nope]
d[nope]
el | first | length
[none] | first
[none] | map('default', 1) | list
[[1,2],[3,4]] | map('first') | list
[[1,2],[3,4]] | map('sum') | sum
[3,1,2] | map('string') | sort | join
words | map('lower') | unique | sort | list
users | map(attribute='name') | map('regex_replace', '^', 'u-') | list
users | selectattr('age', 'ge', 26) | rejectattr('name', 'in', ['bob']) | map(attribute='name') | first
(users | selectattr('name', 'eq', 'bob') | first).age
users | map('combine', {'k': 1}) | map(attribute='k') | list
users | items2dict(key_name='name', value_name='age')
d | dict2items | selectattr('value', 'number') | map(attribute='key') | list
d | dict2items | rejectattr('value', 'mapping') | items2dict
dict(['a','b'] | zip([1,2]))
[['a', 1]] | map('join', '-') | list
['a','b'] | zip(*[[1,2],[3,4]]) | list
'%s-%s' % (a, i)
('a', 'b') | join
{'a': 1}.items() | map('first') | list
'abc' | map('upper') | join
[1,2,3][-1:][0]
'a,b;c' | regex_findall('[^,;]+') | last
'a b' | split | map('length') | sum == 2
`
  .split('\n')
  .filter((line) => line !== '')
  .map((line) => line.replaceAll('\\\\', '\\'));

export const TEMPLATES: readonly string[] = [
  'plain text',
  'a {{ i }} b',
  '{{ a }}{{ i }}',
  '{{ n }}|{{ t }}|{{ 1.0 }}|{{ mixed }}',
  '{% if t %}yes{% endif %}',
  '{% if f %}yes{% elif i == 7 %}seven{% else %}no{% endif %}',
  '{% if nope is defined %}x{% else %}y{% endif %}',
  '{% if nope %}x{% endif %}',
  '{% for x in nums %}{{ x }},{% endfor %}',
  '{% for x in el %}{{ x }}{% else %}none{% endfor %}',
  '{% for x in nums if x > 1 %}{{ loop.index }}:{{ x }} {% endfor %}',
  '{% for k, v in d.items() %}{{ k }}={{ v }};{% endfor %}',
  '{% for k, v in d | dictsort %}{{ k }};{% endfor %}',
  '{% for (k, v) in [[1, 2]] %}{{ k }}{{ v }}{% endfor %}',
  '{% for k, v in [[1]] %}{{ k }}{% endfor %}',
  '{% for x in nums %}{{ loop.index0 }}{{ loop.revindex }}{{ loop.revindex0 }}{{ loop.first }}{{ loop.last }}{{ loop.length }}|{% endfor %}',
  '{% for x in nums %}{{ loop.cycle("a", "b") }}{% endfor %}',
  '{% for x in nums %}{{ loop.previtem | default("-") }}{{ loop.nextitem | default("-") }} {% endfor %}',
  '{% for x in [1,1,2] %}{{ loop.changed(x) }}{% endfor %}',
  '{% for x in nums %}{{ x }}{{ "," if not loop.last }}{% endfor %}',
  '{% for x in nums %}{% for y in "ab" %}{{ x }}{{ y }}{{ loop.index }} {% endfor %}{% endfor %}',
  '{% for x in 5 %}{% endfor %}',
  '{% for x in nums %}{% endfor %}{{ x }}',
  '{% set v = 1 %}{{ v }}',
  '{% set v = 1 %}{% for x in nums %}{% set v = x %}{% endfor %}{{ v }}',
  '{% if t %}{% set v = 5 %}{% endif %}{{ v }}',
  '{% set a, b2 = 1, 2 %}{{ a }}{{ b2 }}',
  '{% set ns = namespace(n=0) %}{% for x in nums %}{% set ns.n = ns.n + x %}{% endfor %}{{ ns.n }}',
  '{% set v %}text {{ i }}{% endset %}[{{ v }}]',
  '{% set v | upper %}text{% endset %}[{{ v }}]',
  '{% set d.x = 1 %}',
  '{% filter upper %}abc {{ a }}{% endfilter %}',
  '{% filter replace("a", "b") | upper %}abc{% endfilter %}',
  '{% with v = 3, w = 4 %}{{ v + w }}{% endwith %}',
  '{% with v = 3 %}{% endwith %}{{ v }}',
  '{% macro m(x, y=2) %}[{{ x }}{{ y }}]{% endmacro %}{{ m(1) }}{{ m(1, 3) }}{{ m(y=5, x=4) }}',
  '{% macro m(x) %}{{ x }}{% endmacro %}{{ m() }}',
  '{% macro m(x) %}{{ x | default("d") }}{% endmacro %}{{ m() }}',
  '{% macro m(x) %}{% endmacro %}{{ m(1, 2) }}',
  '{% macro fact(k) %}{{ 1 if k < 2 else k * fact(k - 1) | int }}{% endmacro %}{{ fact(5) }}',
  '{% raw %}{{ not }} {% touched %}{% endraw %}',
  '{%- raw -%}  {{ x }}  {%- endraw -%}  z',
  'a {# comment {{ x }} #} b',
  'a\n{# comment #}\nb\n',
  'a\n{% if t %}\nb\n{% endif %}\nc\n',
  'a\n  {% if t %}\n  b\n  {% endif %}\nc',
  'a  {%- if t -%}  b  {%- endif -%}  c',
  'a  {{- i -}}  b',
  'a {%+ if t +%}\nb{% endif %}',
  'x\n\n{% for x in [1,2] %}\n- {{ x }}\n{% endfor %}\nend',
  '{{ i }}\n\n',
  '{{ "}}" }}',
  '{{ {"a": {"b": 1}} }}',
  '{{ {"a": {"b": 1}}["a"]["b"] }}',
  '{{ "{{" }}',
  "{{ '%}' }}",
  '{% if "%}" %}x{% endif %}',
  '{{ 1 }',
  '{{ 1',
  '{% if t %}',
  '{% endif %}',
  '{% for x in %}{% endfor %}',
  '{% for in nums %}{% endfor %}',
  '{% set = 1 %}',
  '{% set true = 1 %}',
  '{% unknown %}',
  '{% if %}{% endif %}',
  '{% raw %}',
  '{# open',
  '{{ }}',
  '{{ ) }}',
  '{{ (] }}',
  '{{ a }} } }} %}',
  '{ { a } }',
  '{{ a|upper }}{{b|lower}}',
  '{{\n a\n |\n upper\n}}',
  '{% for u in users %}{{ u.name }}: {{ u.tags | join(", ") or "-" }}\n{% endfor %}',
  '{% for u in users | selectattr("admin", "defined") %}{{ u.name }} {% endfor %}',
  '{% for g, us in users | groupby("age") %}{{ g }}: {{ us | map(attribute="name") | join(" ") }};{% endfor %}',
  '{% set l = [] %}{% for x in nums %}{% set _ = l.append(x * 2) %}{% endfor %}{{ l }}',
  '{% set o = {} %}{% set _ = o.update({"k": 1}) %}{{ o }}',
  '{% macro m() %}{{ varargs }}{% endmacro %}{{ m(1, "a") }}{{ m() }}',
  '{% macro m(x) %}{{ x }}{{ varargs }}{{ kwargs }}{% endmacro %}{{ m(1, 2, z=3) }}',
  '{% macro m(x) %}{{ kwargs.items() | list }}{% endmacro %}{{ m(k=1) }}',
  '{% macro m(x) %}{% endmacro %}{{ m(k=1) }}',
  '{% macro m(x, y=x) %}{{ y }}{% endmacro %}{{ m(4) }}',
  '{% macro m(x=1, y) %}{{ y }}{% endmacro %}',
  '{% macro m(x=nope) %}{{ x is defined }}{% endmacro %}{{ m() }}',
  '{% macro m(x, y=2, *z) %}{% endmacro %}',
  '{% macro m(x, y=2) %}{% endmacro %}{{ m.name }} {{ m.arguments }} {{ m.catch_kwargs }} {{ m.catch_varargs }} {{ m.caller }}',
  '{% macro m() %}<{{ caller() }}>{% endmacro %}{% call m() %}in {{ a }}{% endcall %}',
  '{% macro m() %}{{ caller("x", 2) }}{% endmacro %}{% call(p, q=3) m() %}{{ p }}{{ q }}{% endcall %}',
  '{% macro m() %}{{ caller() }}{% endmacro %}{{ m() }}',
  '{% macro m() %}{{ caller is defined }}{% endmacro %}{{ m() }}{% call m() %}{% endcall %}',
  '{% macro m() %}x{% endmacro %}{% call m() %}y{% endcall %}',
  '{% macro m(us) %}{% for u in us %}{{ caller(u) }};{% endfor %}{% endmacro %}{% call(u) m(users) %}{{ u.name }}{% endcall %}',
  '{% macro o() %}[{{ caller() }}]{% endmacro %}{% macro m() %}{% call o() %}{{ caller() }}{% endcall %}{% endmacro %}{% call m() %}deep{% endcall %}',
  '{% call nope() %}{% endcall %}',
  '{% call m %}{% endcall %}',
  '{% macro m() %}{{ loop is defined }}{% endmacro %}{% for x in nums %}{{ m() }}{% endfor %}',
  '{% macro m() %}{{ v }}{% endmacro %}{% set v = 1 %}{{ m() }}{% set v = 2 %}{{ m() }}',
  '{% macro m() %}{{ x | default("none") }}{% endmacro %}{% for x in nums %}{{ m() }}{% endfor %}',
  '{% macro m() %}{% set v = 1 %}{% endmacro %}{{ m() }}{{ v | default("gone") }}',
  '{% if t %}{% macro m() %}inside{% endmacro %}{% endif %}{{ m() }}',
  '{% macro a1() %}{{ b1() }}{% endmacro %}{% macro b1() %}later{% endmacro %}{{ a1() }}',
  '{{ m() }}{% macro m() %}early{% endmacro %}',
  '{% macro m(x) %}{{ x }}{% endmacro %}{{ m(x=1, **{"x": 2}) }}',
  '{% macro m(x, y) %}{{ x }}{{ y }}{% endmacro %}{{ m(*[1, 2]) }}{{ m(**{"x": 1, "y": 2}) }}',
  '{% macro m() %}  x  {% endmacro %}[{{ m() | trim }}]',
  '{% for x in [1, [2, [3]]] recursive %}{{ loop(x) if x is sequence else x }}{{ loop.depth }}{{ loop.depth0 }} {% endfor %}',
  '{% for x in nested recursive %}({{ loop(x) if x is sequence else x }}){% else %}e{% endfor %}',
  '{% for u in [{"n": 1, "c": [{"n": 2, "c": []}]}] recursive %}{{ u.n }}{{ loop.index }}{{ loop(u.c) }}{% endfor %}',
  '{% for x in nums %}{{ loop(x) }}{% endfor %}',
  '{% for x in nested recursive %}{{ loop() }}{% endfor %}',
  '{% for x in nums if loop.index > 1 %}{{ x }}{% endfor %}',
  '{% for x in nums %}{{ loop.changed(x > 1) }}{{ loop.changed() }}{% endfor %}',
  '{% for x in nums %}{{ loop.cycle() }}{% endfor %}',
  '{% for x in nums %}{{ loop.nope }}{% endfor %}',
  '{% for x in nums %}{% set v = x %}{{ v }}{% endfor %}{{ v is defined }}',
  '{% for x in "häß" %}{{ x }}-{% endfor %}',
  '{% for x in d %}{{ x }}{% endfor %}',
  '{% for x in nums | sort | unique %}{{ x }}{% endfor %}',
  '{% for x in range(3) %}{{ loop.index }}{% if loop.last %}!{% endif %}{% endfor %}',
  '{% for x in nums, words %}{{ x | length }}{% endfor %}',
  '{% for x in (1, 2) if x %}{{ x }}{% endfor %}',
  '{% for x in [1] %}{{ loop }}{% endfor %}'.replace('{{ loop }}', '{{ loop.length }}'),
  '{% for a, (b, c) in [[1, [2, 3]]] %}{{ a }}{{ b }}{{ c }}{% endfor %}',
  '{% for x in nope %}{% endfor %}',
  '{% for x in nope | default([]) %}{{ x }}{% else %}nothing{% endfor %}',
  '{% set x %}{% for y in nums %}{{ y }}{% endfor %}{% endset %}{{ x }}{{ x | length }}',
  '{% set x | trim | upper %}  a  {% endset %}{{ x }}',
  '{% set ns = namespace() %}{% set ns.x %}block{% endset %}{{ ns.x }}',
  '{% set ns = namespace({"a": 1}, b=2) %}{{ ns.a + ns.b }}{{ ns.c is defined }}',
  '{% set ns = namespace(l=[]) %}{% for x in nums %}{% set ns.l = ns.l + [x] %}{% endfor %}{{ ns.l }}',
  '{% set x, y = [1, 2] %}{{ y }}{{ x }}',
  '{% set x, y = [1, 2, 3] %}',
  '{% with %}{% set z1 = 1 %}{{ z1 }}{% endwith %}{{ z1 is defined }}',
  '{% with x = 1 %}{% with y = x + 1 %}{{ x }}{{ y }}{% endwith %}{% endwith %}',
  '{% with x = 1, y = x %}{% endwith %}',
  '{% filter indent(2, true) %}a\nb{% endfilter %}',
  '{% filter nope %}{% endfilter %}',
  '{% filter upper | replace("A", "x") %}a{{ a }}{% endfilter %}',
  '{% if a %}{% if b %}{% if n %}1{% else %}2{% endif %}{% endif %}{% endif %}',
  '{% if i > 3 and (a or nope) %}y{% endif %}',
  '{% if not n %}y{% endif %}{% if el or e %}n{% else %}y{% endif %}',
  '{% elif %}',
  '{% for x in nums %}{% endif %}',
  '{% endfor %}',
  '{% if t %}{% else %}{% else %}{% endif %}',
  '{% block %}{% endblock %}',
  '{% include %}',
  '{% import "x" %}',
  '{% from "x" %}',
  '{% macro %}{% endmacro %}',
  '{% call %}{% endcall %}',
  '{% set %}',
  '{% with x %}{% endwith %}',
  '{% do x %}',
  '{% for x in nums %}{% break %}{% endfor %}',
  '{% raw %}{% if %}{{{% endraw %}',
  '{% raw -%} a {%- endraw %} b',
  '{%+ raw %}x{% endraw +%}\ny',
  '{# a #}\n{# b -#}  \n c {#- d #}',
  '{#- x -#}',
  '  {%- set x = 1 %}\n\n{{- x }}',
  '{{ a -}} \n {{- b }}',
  '{{+ i }}',
  '{% if t -%}\n a\n{%- endif %}\n\n',
  'a\r\nb\r\n{% if t %}\r\nc{% endif %}\r\n',
  'tab\t{{ a }}\t\n',
  '#jinja2: lstrip_blocks: True\nx\n  {% if t %}\n  a\n  {% endif %}\n  {{ a }}\n',
  '#jinja2: lstrip_blocks: True, trim_blocks: False\nx\n  {% if t %}\n  a\n  {% endif %}\n',
  '#jinja2: trim_blocks: False\n{% if t %}\na\n{% endif %}\n',
  '#jinja2: lstrip_blocks: True\n  {%+ if t %}\n a{% endif %}\n\t {# c #}\n a {% if t %}b{% endif %}',
  '#jinja2: lstrip_blocks: True\n  {% raw %}\n  a\n  {% endraw %}\nb',
  "#jinja2: variable_start_string: '[[', variable_end_string: ']]'\n[[ a ]] {{ a }} [[ nums[0] ]]\n",
  "#jinja2: block_start_string: '<%', block_end_string: '%>'\n<% if t %>\n{% x %}<% endif %>\n",
  "#jinja2: comment_start_string: '/*', comment_end_string: '*/'\na /* x */ b {# no comment #}\n",
  "#jinja2:block_start_string:'@@',block_end_string:'@@'\n@@ if t @@x@@ endif @@",
  "#jinja2: newline_sequence: '\\r\\n'\na\nb {{ a }}\n\n",
  '#jinja2: nope: True\nx',
  '#jinja2: trim_blocks\nx',
  '#jinja2: trim_blocks: maybe\nx',
  '#jinja2: lstrip_blocks: True\n',
  '# jinja2: lstrip_blocks: True\n  {% if t %}x{% endif %}',
  '{{ "a" "b" ~ 1 }}',
  '{{ a if f }}|{{ "x" if f else "" }}',
  '{{ [nope | default(1), 2] }}',
  '{{ d.c.deep[0] }}{{ d["c"]["deep"][-1] }}{{ d.c["items"] }}',
  '{{ (1, 2) }}{{ (1,) }}{{ () }}',
  '{{ 1, 2 }}',
  '{{ users[0].name.upper()[:2] }}',
  '{{ users | map(attribute="name") | map("upper") | sort | join("-") }}',
  '{{ users | selectattr("age", ">", 26) | list | length }}',
  '{{ nums | sum / nums | length }}',
  '{{ -i ** 2 }}{{ 2 ** -1 }}',
  '{{ "%s-%03d" | format(a, i) }}{{ "%.2f" % x }}{{ "{:>5}".format(i) }}',
  '{{ not t or f and t }}',
  '{{ 1 < 2 < 3 != 4 }}',
  "{{ 'it''s' }}",
  "{{ 'it\\'s' }}{{ \"q\\\"q\" }}{{ 'n\\nn' }}{{ '\\u00e9' }}",
  '{{ cycler("a", "b").next() }}',
  '{% set c = cycler("a", "b") %}{% for x in nums %}{{ c.next() }}{{ c.current }}{% endfor %}{{ c.reset() }}{{ c.next() }}',
  '{% set j = joiner("|") %}{% for x in nums %}{{ j() }}{{ x }}{% endfor %}',
  '{% set j = joiner() %}{{ j() }}{{ j() }}',
  '{{ dict(a=1, b=2) }}{{ dict([["x", 1]]) }}',
  '{{ range(5) | list }}{{ range(1, 10, 3) | list }}{{ range(3, 0, -1) | list }}',
  '{{ self }}'.replace('{{ self }}', '{% block b %}{{ self.b is defined }}{% endblock %}'),
  '{% set l = [3, 1, 2] %}{{ l.pop() }}{{ l.pop(0) }}{{ l }}',
  '{% set l = [3, 1, 2] %}{{ l.pop(7) }}',
  '{% set l = [3, 1, 2] %}{{ l.remove(1) }}{{ l }}{{ l.clear() }}{{ l }}',
  '{% set l = [3, 1, 2] %}{{ l.sort() }}{{ l }}{{ l.reverse() }}{{ l }}',
  '{% set l = [3, "a"] %}{{ l.sort() }}',
  '{% set l = [3] %}{{ l.remove(4) }}',
  '{% set o = {"a": 1, "b": 2} %}{{ o.pop("a") }}{{ o }}{{ o.pop("z", 9) }}{{ o.setdefault("c", 3) }}{{ o.setdefault("b") }}{{ o }}',
  '{% set o = {"a": 1} %}{{ o.pop("z") }}',
  '{{ "a\tbc\td".expandtabs() }}|{{ "a\tb".expandtabs(4) }}|{{ "a\tb".expandtabs(0) }}',
  '{{ "abc".rindex("c") }}{{ "ab".isascii() }}{{ "é".isascii() }}{{ "Ab Cd".istitle() }}{{ "ab".istitle() }}{{ "".istitle() }}',
  '{{ "abc".rindex("z") }}',
  '{{ "abc".nope() }}',
  '{{ [1].nope() }}',
];
