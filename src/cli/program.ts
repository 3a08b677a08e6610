/** The commands and their options. Each command's work is loaded only when it is called. */

import { Command, CommanderError } from 'commander';
import { caretLines, errorMessage, FleetmendError } from '../errors.ts';
import type { VaultAction } from './commands/vault.ts';
import type { Io } from './io.ts';
import { addConnectionOptions, addInventoryOptions, addRunOptions, addVaultOptions, collect } from './options.ts';
import { VERSION } from './version.ts';

/**
 * Runs the command line.
 *
 * @returns the exit code: 0 fine, 1 could not start, 2 a host failed, 4 hosts unreachable, 75 locked, 124 deadline, 130 interrupted
 */
export async function runCli(argv: readonly string[], io: Io): Promise<number> {
  let exitCode = 0;
  if (argv.length > 1 && argv.includes('--version')) {
    const { asksForDetails, versionDetails } = await import('./version-details.ts');
    if (asksForDetails(argv)) {
      io.out(versionDetails());
      await io.flush();
      return exitCode;
    }
  }
  const program = buildProgram(io, (code) => {
    exitCode = code;
  });
  try {
    await program.parseAsync([...argv], { from: 'user' });
  } catch (error) {
    exitCode = reportError(error, io);
  }
  try {
    await io.flush();
  } catch (error) {
    // What was to be read is not there: as bad as a report file that could not be written.
    exitCode = reportError(error, io);
  }
  return exitCode;
}

function reportError(error: unknown, io: Io): number {
  // Commander has printed its own message; --help and --version come by this way with exit code 0.
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 1;
  if (error instanceof FleetmendError) {
    const hint = error.hint === undefined || error.message.includes(error.hint) ? '' : `\n  ${error.hint}`;
    const { source, excerpt } = error;
    const lines = source === undefined || excerpt === undefined ? [] : caretLines(source, excerpt);
    io.err(`fleetmend: ${error.message}${hint}\n${lines.map((line) => `  ${line}\n`).join('')}`);
    return error.exitCode;
  }
  const stack = error instanceof Error && error.stack !== undefined ? `\n${error.stack}` : '';
  io.err(`fleetmend: Internal error: ${errorMessage(error)}${stack}\n`);
  return 1;
}

function buildProgram(io: Io, exit: (code: number) => void): Command {
  const program = new Command('fleetmend')
    .description('Fleet remediation over SSH: Ansible-style playbooks, one honest result a host.')
    .version(VERSION, '--version', 'output the version number; with -v, what it runs on too')
    .exitOverride()
    .configureOutput({ writeOut: io.out, writeErr: io.err })
    .showHelpAfterError('(run with --help for the options)')
    .enablePositionalOptions()
    .addHelpText(
      'after',
      '\nExit codes: 0 every host fine, 1 could not start, 2 a host failed, 4 hosts unreachable and none failed,\n  75 another run holds the lock, 124 the deadline passed, 130 interrupted',
    );
  addRun(program, io, exit);
  addExec(program, io, exit);
  addInventory(program, io, exit);
  addCheck(program, io, exit);
  addVault(program, io, exit);
  addDemo(program, io, exit);
  return program;
}

function addRun(program: Command, io: Io, exit: (code: number) => void): void {
  const command = program
    .command('run')
    .description('run playbooks on the hosts they name')
    .argument('<playbook...>', 'playbook files');
  addInventoryOptions(command);
  addConnectionOptions(command);
  addRunOptions(command);
  addVaultOptions(command);
  command
    .option('-t, --tags <tags>', 'only tasks with one of these tags (comma list)', collect)
    .option('--skip-tags <tags>', 'leave out tasks with one of these tags', collect)
    .option('--roles-path <folders>', "where roles are looked for, ':' between; after roles/ beside the playbook")
    .option('--hash-behaviour <how>', 'maps of variables: replace those of lower precedence (default), or merge')
    .option('--force-handlers', 'run notified handlers on failed hosts too')
    .option('--start-at-task <name>', 'start at the task with this name')
    .option('--step', 'ask before each task')
    .option('--list-hosts', 'list the hosts of each play and stop')
    .option('--list-tasks', 'list the tasks of each play and stop')
    .option('--list-tags', 'list the tags of each play and stop')
    .option('--syntax-check', 'only read and check the playbooks')
    .action(async (playbooks: string[], options) => {
      const { runCommand } = await import('./commands/run.ts');
      exit(await runCommand(playbooks, options, io));
    });
}

function addExec(program: Command, io: Io, exit: (code: number) => void): void {
  const command = program
    .command('exec')
    .description('run one module, or a command after --, on the hosts of a pattern')
    .usage('PATTERN [options] [-m MODULE] [-a ARGS]\n       fleetmend exec PATTERN [options] -- COMMAND...')
    .argument('<pattern>', 'hosts or groups, as in --limit')
    .argument('[command...]', 'a command and its words, after --')
    .option('-m, --module-name <module>', 'module to run (default: command)')
    .option('-a, --args <args>', 'the module’s arguments: free text, key=value words, or JSON');
  addInventoryOptions(command);
  addConnectionOptions(command);
  addRunOptions(command);
  addVaultOptions(command);
  command.action(async (pattern: string, words: string[], options) => {
    const { execCommand } = await import('./commands/exec.ts');
    exit(await execCommand(pattern, words, options, io));
  });
}

function addInventory(program: Command, io: Io, exit: (code: number) => void): void {
  const command = program
    .command('inventory')
    .description('show the hosts, groups and variables that the sources give');
  addInventoryOptions(command);
  addVaultOptions(command);
  command
    .option('--list', "all of it as JSON, in the shape of Ansible's inventory scripts")
    .option('--graph [group]', 'groups and hosts as a tree')
    .option('--host <name>', 'variables of one host as JSON')
    .option('--yaml', 'all of it as YAML inventory')
    .option('--vars', 'with --graph: variables too')
    .action(async (options) => {
      const { inventoryCommand } = await import('./commands/inventory.ts');
      exit(await inventoryCommand(options, io));
    });
}

function addCheck(program: Command, io: Io, exit: (code: number) => void): void {
  const command = program
    .command('check')
    .description('read and check playbooks; report all mistakes at once')
    .argument('<file...>', 'playbook files');
  addVaultOptions(command);
  command
    .option('--roles-path <folders>', "where roles are looked for, ':' between; after roles/ beside the playbook")
    .option('-e, --extra-vars <vars>', 'variables for names of imported files; may be given again', collect)
    .action(async (files: string[], options) => {
      const { checkCommand } = await import('./commands/check.ts');
      exit(await checkCommand(files, options, io));
    });
}

function addVault(program: Command, io: Io, exit: (code: number) => void): void {
  const vault = program
    .command('vault')
    .description('encrypt and decrypt files and values as ansible-vault does')
    .addHelpText('after', '\nNew passwords are asked for twice when no --vault-password-file or --vault-id gives one.');
  const add = (action: VaultAction, words: string, summary: string): Command => {
    const command = vault.command(`${action} ${words}`).description(summary);
    addVaultOptions(command);
    return command.action(async (given: string | string[] | undefined, options) => {
      const { vaultCommand } = await import('./commands/vault.ts');
      exit(await vaultCommand(action, [given ?? []].flat(), options, io));
    });
  };
  const encrypting = (command: Command): Command =>
    command.option('--encrypt-vault-id <id>', 'which of several vault ids encrypts');
  const output = '--output <file>';
  encrypting(add('create', '<file>', 'write a new encrypted file in the editor'));
  add('view', '<file...>', 'print what encrypted files hold');
  encrypting(add('edit', '<file>', 'change an encrypted file in the editor'));
  encrypting(add('encrypt', '[file...]', 'encrypt files in place, or standard input')).option(output, 'write here');
  add('decrypt', '[file...]', 'decrypt files in place, or standard input').option(output, 'write here; - for stdout');
  add('rekey', '<file...>', 'encrypt files with another password')
    .option('--new-vault-id <id@source>', 'the new vault id and where its password is')
    .option('--new-vault-password-file <file>', 'file with the new password');
  encrypting(add('encrypt_string', '[string...]', 'print encrypted values for a YAML file'))
    .alias('encrypt-string')
    .option('-n, --name <name>', 'name of the variable; may be given again', collect)
    .option('--stdin-name <name>', 'name of the variable that standard input holds')
    .option('-p, --prompt', 'ask for the string');
}

function addDemo(program: Command, io: Io, exit: (code: number) => void): void {
  program
    .command('demo')
    .description('show the main job on five small SSH hosts that live in this process')
    .action(async () => {
      const { demoCommand } = await import('./commands/demo.ts');
      exit(await demoCommand(io));
    });
}
