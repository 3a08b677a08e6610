/** Expressions with the rarer filters, with the data of template-cases.ts; backslashes are those of the expression. */
export const FILTER_EXPRESSIONS: readonly string[] = String.raw`
'a\nb' | comment
'a\n\nb' | comment('c')
'a' | comment('cblock')
'a\nb' | comment('xml')
'a' | comment('erlang')
'a' | comment('plain', prefix='#######\n#', postfix='#\n#######\n   ###\n    #')
'a' | comment(decoration='! ')
'a' | comment('cblock', decoration='** ')
'a' | comment('plain', prefix_count=2, postfix_count=0)
'a' | comment('plain', beginning='B', end='E')
'a' | comment('plain', newline='\r\n')
'' | comment
'a' | comment('nope')
'a\r\nb' | comment
'a' | comment('c', prefix='x', postfix='y', prefix_count=3)
'a' | comment(decoration='# ', beginning='', prefix='', postfix='', end='')
'x' | password_hash('sha512', 'salt')
'x' | password_hash('sha256', 'salt')
'x' | password_hash('md5', 'salt')
'x' | password_hash('sha512', 'saltsaltsaltsaltsalt')
'x' | password_hash('sha512', 'sa$t')
'x' | password_hash('sha512', 'salt', rounds=5000)
'x' | password_hash('sha512', 'salt', rounds=1000)
'x' | password_hash('nope', 'salt')
'x' | password_hash('md5', 'saltsaltsalt')
1 | password_hash('md5', 'saltsalt')
'x' | password_hash('sha512_crypt', 'salt')
'http://u:p@h.x:80/p/a?q=1#f' | urlsplit
'http://h.x' | urlsplit
'HTTP://H.x:99' | urlsplit('hostname')
'x' | urlsplit('nope')
'mailto:a@b' | urlsplit
'//h/p' | urlsplit
'http://[::1]:80/' | urlsplit
'http://h:x/' | urlsplit
'/p?q#f' | urlsplit
'x' | to_uuid
'x' | to_uuid('361E6D51-FAEC-444A-9079-341386DA8E2E')
'x' | to_uuid('nope')
1 | to_uuid
10 | random(seed='a')
10 | random(seed=1)
100 | random(1, 3, 'x')
100 | random(start=50, step=10, seed='host1')
[1,2,3] | random(seed='z')
'abc' | random(seed='z')
10 | random(seed=true)
0 | random(seed=1)
-5 | random(seed=1)
10000000000000 | random(seed='a')
[1,2,3,4,5] | shuffle(seed='a')
'abc' | shuffle(seed=2)
5 | shuffle(seed=2)
['a','b','c','d','e','f'] | shuffle('inv')
[1,2,3] | combinations(2) | list
[1,2,3] | permutations | list
[1,2,3] | permutations(2) | list
'abc' | combinations(2) | list
[1,2] | combinations(3) | list
'2020-01-02 03:04:05' | to_datetime
('2020-01-02 03:04:05' | to_datetime - '2019-01-01 00:00:00' | to_datetime).total_seconds()
('2020-01-02 03:04:05' | to_datetime - '2019-01-01 00:00:00' | to_datetime).days
('2020-01-02 03:04:05' | to_datetime - '2020-01-03 00:00:00' | to_datetime)
('2020-01-02 03:04:05' | to_datetime - '2020-01-03 00:00:00' | to_datetime) ~ ''
'2020-01-02T03:04:05Z' | to_datetime('%Y-%m-%dT%H:%M:%SZ') ~ ''
'x' | to_datetime
'20200102' | to_datetime('%Y%m%d')
'2020-01-02 03:04:05.123456' | to_datetime('%Y-%m-%d %H:%M:%S.%f')
'Jan 2 2020 3PM' | to_datetime('%b %d %Y %I%p')
'2020-01-02T03:04:05+0200' | to_datetime('%Y-%m-%dT%H:%M:%S%z')
'2020-01-02 03:04:05' | to_datetime < '2021-01-02 03:04:05' | to_datetime
('2020-01-02 03:04:05' | to_datetime).strftime('%s %d')
('2020-01-02 03:04:05' | to_datetime).isoformat()
('2020-01-02 03:04:05' | to_datetime).timestamp()
('2020-01-02 03:04:05' | to_datetime).date()
('2020-01-02 03:04:05' | to_datetime).weekday()
[{'k':'a','v':1},{'k':'b','v':2}] | rekey_on_member('k')
[{'k':'a','v':1},{'k':'a','v':2}] | rekey_on_member('k')
[{'k':'a','v':1},{'k':'a','v':2}] | rekey_on_member('k', duplicates='overwrite')
{'x': {'k':'a'}} | rekey_on_member('k')
'---\na: 1\n---\nb: 2\n' | from_yaml_all | list
'' | from_yaml_all | list
{'a': 1, 'b': none, 'c': 'x"y'} | xmlattr
{'a': 1} | xmlattr(false)
{} | xmlattr
'/nope/*' | fileglob
'secret' | vault('pw', 'salt')
'secret' | vault('pw', 'salt') | unvault('pw')
'secret' | vault('pw', 'salt') | unvault('px')
'x' | unvault('px')
5 | vault('pw')
'/etc/os-release' | realpath | basename | length > 0
'2020-01-02T03:04:05+0200' | to_datetime('%Y-%m-%dT%H:%M:%S%z') ~ ''
('2020-01-02T03:04:05+0200' | to_datetime('%Y-%m-%dT%H:%M:%S%z')).strftime('%Z %z')
'/etc/passw[d]' | fileglob
'/et*/passwd' | fileglob
'/etc/nope*' | fileglob
{'b': 2, 'a': [1, 2]} | pprint
(range(40) | list) | pprint
{'key' ~ 'x' * 20: {'inner': 'word ' * 30, 'other': [1, 2, 3] * 12}, 'a': ('tuple',)} | pprint
('word ' * 40) | pprint
['x' * 90, ('y' * 85,)] | pprint
('2020-03-01 00:00:00' | to_datetime - '2020-02-01 00:00:00' | to_datetime).seconds
('2020-03-01 00:00:00' | to_datetime - '2020-02-01 00:00:00' | to_datetime) * 2
('2020-03-01 00:00:00' | to_datetime - '2020-02-01 00:00:00' | to_datetime) / 2
('2020-03-01 00:00:00' | to_datetime - '2020-02-01 00:00:00' | to_datetime) / ('2020-03-01 00:00:00' | to_datetime - '2020-02-15 00:00:00' | to_datetime)
('2020-03-01 00:00:00' | to_datetime) + ('2020-03-01 00:00:00' | to_datetime - '2020-02-01 00:00:00' | to_datetime)
('2020-03-01 00:00:00' | to_datetime) + 1
('2020-03-01 10:00:00' | to_datetime).date() == ('2020-03-01 11:00:00' | to_datetime).date()
['2020-03-01 10:00:00' | to_datetime]
'31/12/2020' | to_datetime('%d/%m/%Y')
'2020-13-01 00:00:00' | to_datetime
'2020-02-30 00:00:00' | to_datetime
' 2020-02-01 00:00:00' | to_datetime
'1 January 2020' | to_datetime('%d %B %Y')
'Wed Jan  1 00:00:00 2020' | to_datetime('%c')
'20' | to_datetime('%q')
'2020' | to_datetime('%Y%Y')
'61' | to_datetime('%y')
'70 12' | to_datetime('%y %H')
'2020 200' | to_datetime('%Y %j')
'%Y-%m-%d %H:%M:%S' | strftime(0, utc=true)
'%j %U %W %V %G %g %u %w' | strftime(1234567890)
'%j %U %W %V %G' | strftime(1609459200)
'%C %e %k %l %I %p %P %r %R %T %D %F' | strftime(1234567890)
'%h %b %B %a %A %y' | strftime('1234567890.5')
'%Z %z' | strftime(0, true)
'%s%%%n%t' | strftime(0)
'%Y' | strftime('x')
'a%20b+c%zz' | urldecode
'%ff' | urldecode
{'a b': 1} | xmlattr
{'x': '<&"'} | xmlattr
'x' * 5 | random(seed=1) | length
1000 | random(seed='inventory_hostname')
1000 | random(seed=12345678901234567890)
1000 | random(seed='ünï')
['a','b','c'] | random(seed='web1')
100 | random(0, 7, seed='q')
5 | random(10, seed=1)
range(20) | list | shuffle(seed='k')
[] | random(seed=1)
2.5 | random(seed=1)
'http://x' is url
'http://x' is uri
'mailto:a' is uri
'mailto:a' is url
'urn:isbn:12' is urn
'URN:x' is urn
'http://x' is urn
'http://x' is uri(['ftp'])
'http://x' is uri(['ftp', 'http'])
'x' is url
'' is uri
'http:' is uri
'x' is uri
'x y' is uri(['http'])
5 is uri
'//x/y' is url
'/etc' is url
'http://x' is url(['https'])
'/' is mount
'/proc' is mount
'/etc' is mount
'/nope' is mount
'/etc/passwd' is is_mount
'/etc' is same_file('/etc/../etc')
'/etc' is is_same_file('/usr')
'/nope' is same_file('/etc')
1 is url
[1, 2] is subset([1, 2, 3])
'1.2.3' is version('1.2', '>')
'x' is win_nope
'x' | win_nope
'a\rb' | regex_search('a.b')
'a\nb' | regex_search('a.b')
'ab\r\ncd' | regex_findall('^.*$', multiline=true)
'a\u2028b' | regex_findall('^.', multiline=true)
'ünï x' | regex_findall('\\b\\w')
'ünï x' | regex_replace('\\B', '-')
'naïve café' | regex_findall('\\w+')
'a_b-c d' | regex_findall('[\\W_]+')
'a_bé-c d' | regex_findall('[^\\W_]+')
'a1 é2' | regex_findall('[\\D]+')
'a1 é2' | regex_findall('[^\\D]')
'a b\x1cc' | regex_findall('\\S+')
'a b' | regex_findall('[\\s\\S]')
'a\ufeffb' | regex_findall('\\s')
'x[1]' | regex_findall('[]x[]')
'a-b' | regex_findall('[a\\-b]+')
'a b' | regex_search('a\\ b')
'a_b' | regex_search('a\\_b')
'a@b' | regex_search('[\\@]')
'ab' | regex_search('(?P<x>a)(?P=x)?')
'aab' | regex_search('(?P<x>a)(?P=x)')
'ab' | regex_search('(?<x>a)')
'AB' | regex_search('(?i:a)b')
'AB' | regex_search('(?i)ab')
'ab' | regex_search('a(?#comment)b')
'a\nb' | regex_search('(?s)a.b')
'a\nb' | regex_findall('(?m)^.')
'aaa' | regex_search('a{2}')
'aaa' | regex_search('a{,2}')
'a{' | regex_search('a{')
'a{,}' | regex_search('a{,}')
'a{b}' | regex_search('{b}')
'a' | regex_search('\\y')
'a' | regex_search('[')
'a' | regex_search('(')
'a' | regex_search('*a')
'é' | regex_search('É', ignorecase=true)
'x^y' | regex_search('[\\^]')
'x.y' | regex_findall('[.]')
'a|b' | regex_findall('[|]')
'tel 12-34' | regex_replace('(\\d+)-(\\d+)', '\\2-\\1')
'ab' | regex_replace('(?P<f>a)(?P<s>b)', '\\g<s>\\g<f>')
'abc' | regex_replace('', '-')
'abxd' | regex_replace('x*', '-')
'a.b' | regex_escape
'end\n' | regex_search('end$')
'end\n' | regex_search('end\\Z')
'one two' | regex_search('\\Aone')
'foo.bar' | regex_search('(?<=foo)\\.(?=bar)')
'a\\b' | regex_findall('\\\\')
'tab\there' | regex_search('\\t')
'😀x' | regex_search('^.x')
'a,b;c' | regex_findall('[,;]')
'k=v' | regex_search('(\\w)=(\\w)', '\\1', '\\2')
'k=v' | regex_search('(?P<a>\\w)=(?P<b>\\w)', '\\g<a>', '\\g<b>')
'k=v' | regex_search('(\\w)=(\\w)', '\\3')
'abab' | regex_findall('(?:(a)b)+')
'abc' | regex_findall('(a)(b)?(z)?')
`
  .split('\n')
  .filter((line) => line !== '');
