/** Lookups, run by Ansible and by us in the same folder; backslashes are those of the expression. */

/** What is in the folder. */
export const LOOKUP_FILES: Readonly<Record<string, string>> = {
  'a.csv': 'name,val,third\nx,1,"a, b"\ny,2,c\nq,"he said ""no""\nand left",z\n',
  'ansible.csv': 'k\tv1\nz\tv2\n',
  'a.ini':
    '[DEFAULT]\nd=of all\n[global]\ntop=1\n[sec]\nuser = bob\npass: secret\nUser2=ann\n[other]\nk1=a\nk2=b\n' +
    '[more]\n; comment\nmulti = one\n  two\n# end\n',
  'a.properties': 'p1=one\np2=two words\n# c\n',
  'files/f.txt': 'l1\nl2\n',
  'templates/t.j2': 'T {{ x }} {{ inventory_hostname }}\n',
  pw3: 'kept\n',
  pw4: 'kept salt=abcdefgh\n',
};

export const LOOKUP_VARIABLES: Readonly<Record<string, unknown>> = { zq_one: 1, zq_two: 'two', x: 'X' };

export const LOOKUPS: readonly string[] = String.raw`
lookup('csvfile', 'x file=a.csv delimiter=,')
lookup('csvfile', 'x', file='a.csv', delimiter=',', col=2)
lookup('csvfile', 'x file=a.csv delimiter=, col=2')
lookup('csvfile', 'k')
lookup('csvfile', 'nope file=a.csv delimiter=,')
lookup('csvfile', 'nope file=a.csv delimiter=, default=dd')
lookup('csvfile', 'x', file='none.csv')
lookup('csvfile', 'x', file='a.csv', delimiter=',', col=9)
query('csvfile', 'x', 'y', file='a.csv', delimiter=',')
lookup('csvfile', 'x bad=1')
lookup('ini', 'user section=sec file=a.ini')
lookup('ini', 'user', section='sec', file='a.ini')
lookup('ini', 'top', file='a.ini')
lookup('ini', 'pass', section='sec', file='a.ini')
lookup('ini', 'USER2', section='sec', file='a.ini')
lookup('ini', 'user2', section='sec', file='a.ini', case_sensitive=True)
lookup('ini', 'nope', section='sec', file='a.ini')
lookup('ini', 'nope', section='sec', file='a.ini', default='dd')
lookup('ini', 'k.', section='other', file='a.ini', re=True)
query('ini', 'k1', 'k2', section='other', file='a.ini')
lookup('ini', 'p2', type='properties', file='a.properties')
lookup('ini', 'x', section='nosec', file='a.ini')
lookup('lines', 'printf "a\nb\n"')
query('lines', 'printf "a\nb\n"')
query('lines', 'exit 3')
query('nested', ['a','b'], [1,2])
lookup('nested', ['a','b'], [1,2])
query('nested', ['a','b'], [[1,2],3], 'x')
query('nested', [])
query('together', ['a','b'], [1])
query('together', ['a'], [[1,2]])
query('together')
query('subelements', [{'n':'a','l':[1,2]},{'n':'b','l':[3]}], 'l')
query('subelements', [{'n':'a'},{'n':'b','l':[3]}], 'l')
query('subelements', [{'n':'a'},{'n':'b','l':[3]}], 'l', {'skip_missing': True})
query('subelements', {'k': {'l':[1]}}, 'l')
query('subelements', [{'n':{'m':[1]}}], 'n.m')
query('random_choice', ['a'])
query('random_choice', 'a')
query('random_choice', 'a','a')
query('varnames', '^zq_.*')
query('varnames', 'zq_one', 'nope')
lookup('varnames', '^zq_.+')
query('indexed_items', ['a','b'])
query('indexed_items', ['a',['b','c']], 'd')
query('items', [1,[2,3]], 4)
query('list', [1,[2,3]], 4)
query('dict', {'a':1})
query('dict', [{'a':1}, {'b': 2}])
lookup('dict', {'a':1})
lookup('dict', {'a':1,'b':2})
lookup('file', 'f.txt')
lookup('file', 'f.txt', 'f.txt')
lookup('file', 'none.txt')
lookup('file', 'none.txt', errors='ignore')
query('file', 'none.txt', errors='ignore')
lookup('file', 'none.txt', errors='warn') 
lookup('template', 't.j2')
lookup('template', 't.j2', template_vars={'x': 'TV'})
lookup('template', 'none.j2')
lookup('template', 't.j2', variable_start_string='[[', variable_end_string=']]')
lookup('inventory_hostnames', 'all')
query('inventory_hostnames', 'all:!h2')
query('inventory_hostnames', 'nope')
query('inventory_hostnames', 'g1', 'h3')
lookup('env', 'NOPE_ZZ', default='d')
lookup('env', 'NOPE_ZZ', default=undef())
lookup('vars', 'zq_one')
lookup('vars', 'zq_', default='x')
query('vars', 'zq_one', 'zq_two')
lookup('vars', 'zq_none')
lookup('sequence', 'end=3')
query('sequence', 'start=0 end=4 stride=2 format=x%02d')
query('fileglob', 'f*') | map('basename')
query('first_found', ['none', 'files/f.txt'])
query('first_found', ['none'], errors='ignore')
query('first_found', {'files': ['f.txt'], 'paths': ['files']})
query('first_found', ['none'], skip=True)
lookup('first_found', 'none', 'f.txt')
lookup('pipe', 'echo a; echo b')
query('pipe', 'echo a', 'echo b')
lookup('pipe', 'exit 2')
lookup('password', '/dev/null length=7 chars=ascii_letters') | length
lookup('password', '/dev/null', length=3, chars=['digits']) | int(-1) >= 0
lookup('password', '/dev/null length=20') | length
lookup('password', '/dev/null seed=web1')
lookup('password', '/dev/null seed=web1 chars=ascii_letters,digits,hexdigits length=12')
lookup('password', '/dev/null seed=web1 chars=abc,digits length=12')
lookup('unvault', 'files/f.txt')
lookup('list', [1,2])
lookup('items', ['a','b'])
lookup('items', ['a'])
lookup('list', [{'a':1}])
lookup('nope', 1)
lookup('list', ['a', 1], wantlist=True)
lookup('password', 'pw1 length=5 chars=digits') | length
lookup('password', 'pw1 length=9') | length
lookup('password', 'sub/pw2 encrypt=sha512_crypt') | regex_search('^.6.')
lookup('password', 'pw3')
lookup('password', 'pw4 encrypt=sha512_crypt')
query('fileglob', '*.ini') | map('basename')
lookup('file', 'f.txt', rstrip=false)
lookup('ini', 'multi', section='more', file='a.ini')
lookup('ini', 'd', section='sec', file='a.ini')
lookup('csvfile', 'q', file='a.csv', delimiter=',')
lookup('first_found', 'zz')
lookup('list', [])
lookup('items', [])
query('nested', [1], [])
query('flattened_nope', 1)
`
  .split('\n')
  .filter((line) => line !== '');
