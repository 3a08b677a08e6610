/** Expressions and templates that mean something else here than in the oracle, each with the reason. */
export const DIFFERENCES: ReadonlyMap<string, string> = new Map([
  ['1,2', 'a `when` may be a tuple, as in `{% if 1,2 %}`, which is what Ansible makes of it'],
  ['a.__class__', 'no way into the internals of the language'],
  ['d.__init__', 'no way into the internals of the language'],
  ["''.__class__.__mro__", 'no way into the internals of the language'],
  ["'aaa' | regex_replace('a', 'b', count=2)", 'an argument of later versions of Ansible'],
  ["'/a/../b//c/.' | normpath", 'a filter of later versions of Ansible'],
  ['{% raw %}', 'Jinja takes an open raw block for an empty one'],
]);
