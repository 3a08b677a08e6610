import { stat } from 'node:fs/promises';
import { hostname, userInfo } from 'node:os';
import { basename, dirname } from 'node:path';
import { ModuleError } from '../errors.ts';
import type { TemplateSyntax } from '../template/syntax.ts';
import { ATTRIBUTE_ARGS, type AttributeArgs } from './attributes.ts';
import { defineModule, type ModuleContext } from './contract.ts';
import { copy, probeBytes } from './copy.ts';
import { findLocal, readOpened } from './local-files.ts';

interface TemplateArgs extends AttributeArgs {
  readonly src: string;
  readonly dest: string;
  readonly backup?: boolean;
  readonly force?: boolean;
  readonly follow?: boolean;
  readonly validate?: string;
  readonly newline_sequence?: string;
  readonly block_start_string?: string;
  readonly block_end_string?: string;
  readonly variable_start_string?: string;
  readonly variable_end_string?: string;
  readonly comment_start_string?: string;
  readonly comment_end_string?: string;
  readonly trim_blocks?: boolean;
  readonly lstrip_blocks?: boolean;
  readonly output_encoding?: string;
}

/** The rendered text is put on the host as `copy` does it. */
interface Rendered {
  readonly args: Readonly<Record<string, unknown>>;
  readonly state: unknown;
}

/**
 * Renders a template of the controller with the host's variables and puts the text on the host.
 *
 * @see https://docs.ansible.com/ansible/latest/collections/ansible/builtin/template_module.html
 */
export const template = defineModule<TemplateArgs, Rendered>({
  spec: {
    name: 'template',
    namespace: 'ansible.builtin',
    summary: 'Render a template and put it on the host',
    checkMode: 'full',
    args: {
      type: 'object',
      additionalProperties: false,
      required: ['src', 'dest'],
      properties: {
        src: { type: 'string', description: 'Template on the controller; looked for in `templates/` first.' },
        dest: { type: 'string', description: 'Path on the host; a directory when it is one, or ends with a slash.' },
        backup: {
          type: 'boolean',
          default: false,
          description: 'Whether a copy of what is replaced is kept beside it.',
        },
        force: { type: 'boolean', default: true, description: 'Whether a file that is there is replaced.' },
        follow: {
          type: 'boolean',
          default: false,
          description: 'Whether a link on the host is followed, not replaced.',
        },
        validate: {
          type: 'string',
          description: 'Command that must accept the new file, `%s`, before it is put in its place; no shell.',
        },
        trim_blocks: {
          type: 'boolean',
          default: true,
          description: 'Whether the newline right after a tag is removed.',
        },
        lstrip_blocks: {
          type: 'boolean',
          default: false,
          description: 'Whether white space between the start of a line and a tag is removed.',
        },
        newline_sequence: {
          type: 'string',
          default: '\n',
          enum: ['\n', '\r', '\r\n', '\\n', '\\r', '\\r\\n'],
          description: 'What newlines of the template become.',
        },
        block_start_string: { type: 'string', default: '{%', description: 'What a tag starts with.' },
        block_end_string: { type: 'string', default: '%}', description: 'What a tag ends with.' },
        variable_start_string: { type: 'string', default: '{{', description: 'What an expression starts with.' },
        variable_end_string: { type: 'string', default: '}}', description: 'What an expression ends with.' },
        comment_start_string: { type: 'string', default: '{#', description: 'What a comment starts with.' },
        comment_end_string: { type: 'string', default: '#}', description: 'What a comment ends with.' },
        output_encoding: {
          type: 'string',
          default: 'utf-8',
          enum: ['utf-8', 'utf8', 'UTF-8'],
          description: 'Encoding of the file; only UTF-8.',
        },
        ...ATTRIBUTE_ARGS,
      },
    },
    returns: copy.spec.returns,
    examples: [
      '- template:\n    src: app.conf.j2\n    dest: /etc/app/app.conf\n    mode: "0640"\n    validate: app --check %s',
    ],
  },

  async probe(args, context) {
    const path = await findLocal(args.src, context.templatePaths);
    const info = await stat(path);
    if (info.isDirectory()) {
      throw new ModuleError(
        `expected 'src' to be a file, found the directory ${path}`,
        {},
        { code: 'INVALID_ARGUMENT' },
      );
    }
    const { content, isSecret } = await readOpened(path, context.openVaultFile);
    const rendered = context.render(content.toString('utf8'), path, {
      places: [...context.templatePaths, dirname(path)],
      syntax: syntaxOf(args),
      vars: templateVars(args, path, info.mtimeMs, context),
    });
    const mode = args.mode === 'preserve' ? (info.mode & 0o7777).toString(8).padStart(4, '0') : args.mode;
    const { dest, backup, force, follow, validate, owner, group } = args;
    const given = { dest, backup, force, follow, validate, mode, owner, group, content: rendered };
    const copyArgs = Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));
    const bytes = new TextEncoder().encode(rendered);
    return {
      args: copyArgs,
      state: await probeBytes({ ...copyArgs, dest }, context, bytes, { base: basename(path), isSecret }),
    };
  },

  plan: (_args, rendered) => copy.plan(rendered.args, rendered.state),
  apply: (_args, rendered, plan, context) => copy.apply(rendered.args, rendered.state, plan, context),
});

function syntaxOf(args: TemplateArgs): Partial<TemplateSyntax> {
  const newline = args.newline_sequence?.replaceAll('\\n', '\n').replaceAll('\\r', '\r');
  const syntax = {
    blockStart: args.block_start_string,
    blockEnd: args.block_end_string,
    variableStart: args.variable_start_string,
    variableEnd: args.variable_end_string,
    commentStart: args.comment_start_string,
    commentEnd: args.comment_end_string,
    trimsBlocks: args.trim_blocks,
    stripsBlocks: args.lstrip_blocks,
    newline,
  };
  return Object.fromEntries(Object.entries(syntax).filter(([, value]) => value !== undefined));
}

// What a template may say of itself, by Ansible's names.
function templateVars(
  args: TemplateArgs,
  path: string,
  mtimeMs: number,
  context: ModuleContext,
): Readonly<Record<string, unknown>> {
  const seconds = (timeMs: number): string =>
    new Date(timeMs)
      .toISOString()
      .replace('T', ' ')
      .replace(/\.\d+Z$/, '');
  return {
    ansible_managed: 'Ansible managed',
    template_host: hostname(),
    template_uid: userInfo().username,
    template_path: args.src,
    template_fullpath: path,
    template_destpath: args.dest,
    template_mtime: seconds(mtimeMs),
    template_run_date: seconds(context.nowMs()),
  };
}
