/** The tree of a template. `offset` is where the node's operator or first token stands in the text. */
import type { Operator } from './values/arithmetic.ts';

interface Base {
  readonly offset: number;
}

export type CompareOperator = '==' | '!=' | '<' | '<=' | '>' | '>=' | 'in' | 'not in';

export interface Arguments {
  readonly positional: readonly Expression[];
  readonly named: readonly (readonly [string, Expression])[];
  /** `*list` */
  readonly spread?: Expression;
  /** `**dict` */
  readonly spreadNamed?: Expression;
}

export interface Name extends Base {
  readonly kind: 'name';
  readonly name: string;
}

/** `a.b` (attribute first) or `a['b']` (item first). */
export interface Member extends Base {
  readonly kind: 'attribute' | 'item';
  readonly object: Expression;
  readonly key: Expression;
}

export interface FilterCall extends Base {
  readonly kind: 'filter';
  readonly input: Expression;
  readonly name: string;
  readonly args: Arguments;
}

export interface TestCall extends Base {
  readonly kind: 'test';
  readonly input: Expression;
  readonly name: string;
  readonly args: Arguments;
  readonly isNegated: boolean;
}

export interface Call extends Base {
  readonly kind: 'call';
  readonly callee: Expression;
  readonly args: Arguments;
}

export interface Comparison extends Base {
  readonly kind: 'compare';
  readonly first: Expression;
  readonly rest: readonly { readonly operator: CompareOperator; readonly right: Expression; readonly offset: number }[];
}

export type Expression =
  | Name
  | Member
  | FilterCall
  | TestCall
  | Call
  | Comparison
  | (Base & { readonly kind: 'constant'; readonly value: unknown })
  | (Base & { readonly kind: 'list' | 'tuple'; readonly items: readonly Expression[] })
  | (Base & { readonly kind: 'dict'; readonly entries: readonly (readonly [Expression, Expression])[] })
  | (Base & { readonly kind: 'concat'; readonly items: readonly Expression[] })
  | (Base & {
      readonly kind: 'binary';
      readonly operator: Operator;
      readonly left: Expression;
      readonly right: Expression;
    })
  | (Base & { readonly kind: 'and' | 'or'; readonly left: Expression; readonly right: Expression })
  | (Base & { readonly kind: 'not' | 'negative' | 'positive'; readonly operand: Expression })
  | (Base & {
      readonly kind: 'condition';
      readonly test: Expression;
      readonly then: Expression;
      readonly otherwise?: Expression;
    })
  | (Base & {
      readonly kind: 'slice';
      readonly object: Expression;
      readonly start?: Expression;
      readonly stop?: Expression;
      readonly step?: Expression;
    });

/** What `set` and `for` assign to: a name, `ns.name`, or several at once. */
export type Target =
  | Name
  | (Base & { readonly kind: 'namespace'; readonly object: string; readonly name: string })
  | (Base & { readonly kind: 'targets'; readonly items: readonly Target[] });

export interface FilterStep extends Base {
  readonly name: string;
  readonly args: Arguments;
}

export interface MacroParameter {
  readonly name: string;
  readonly defaultValue?: Expression;
}

export type Statement =
  | (Base & { readonly kind: 'data'; readonly text: string })
  | (Base & { readonly kind: 'output'; readonly expression: Expression })
  | (Base & {
      readonly kind: 'if';
      readonly branches: readonly { readonly test: Expression; readonly body: Body }[];
      readonly otherwise: Body;
    })
  | (Base & {
      readonly kind: 'for';
      readonly target: Target;
      readonly iterable: Expression;
      readonly filter?: Expression;
      readonly isRecursive: boolean;
      readonly body: Body;
      readonly otherwise: Body;
    })
  | (Base & { readonly kind: 'set'; readonly target: Target; readonly value: Expression })
  | (Base & {
      readonly kind: 'set-block';
      readonly target: Target;
      readonly filters: readonly FilterStep[];
      readonly body: Body;
    })
  | (Base & { readonly kind: 'filter-block'; readonly filters: readonly FilterStep[]; readonly body: Body })
  | (Base & {
      readonly kind: 'with';
      readonly bindings: readonly (readonly [Target, Expression])[];
      readonly body: Body;
    })
  | Macro
  | (Base & { readonly kind: 'call-block'; readonly call: Call; readonly caller: Macro })
  | Block
  | (Base & { readonly kind: 'extends'; readonly template: Expression })
  | (Base & {
      readonly kind: 'include';
      readonly template: Expression;
      readonly ignoresMissing: boolean;
      readonly withContext: boolean;
    })
  | (Base & {
      readonly kind: 'import';
      readonly template: Expression;
      readonly name: string;
      readonly withContext: boolean;
    })
  | (Base & {
      readonly kind: 'from-import';
      readonly template: Expression;
      readonly names: readonly { readonly name: string; readonly as: string }[];
      readonly withContext: boolean;
    });

/** `{% macro name(parameters) %}`; also the body of `{% call %}`, whose name is `caller`. */
export interface Macro extends Base {
  readonly kind: 'macro';
  readonly name: string;
  readonly parameters: readonly MacroParameter[];
  readonly body: Body;
}

/** `{% block name scoped required %}`. */
export interface Block extends Base {
  readonly kind: 'block';
  readonly name: string;
  /** Sees the names of the loop or macro that it stands in. */
  readonly isScoped: boolean;
  /** A template that extends this one must have the block. */
  readonly isRequired: boolean;
  readonly body: Body;
}

export type Body = readonly Statement[];
