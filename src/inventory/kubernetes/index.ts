/** `plugin: kubernetes`: the nodes of a cluster, through kubectl. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { listAt } from '../../util/json-object.ts';
import { failureOf } from '../../util/kubectl-failure.ts';
import { type ProgramRequest, runProgram } from '../../util/run-program.ts';
import { parseJson } from '../json.ts';
import type { InventoryBuilder } from '../model.ts';
import type { PluginCall, PluginHosts } from '../plugin.ts';
import { programFailure } from '../program-failure.ts';
import type { YamlDocument } from '../yaml-document.ts';
import { addNodes } from './nodes.ts';
import { type KubernetesOptions, readKubernetesOptions } from './options.ts';

/** As `timeout` has it. */
const TIMED_OUT_STATUS = 124;

/** Lists the nodes and adds them as hosts, see {@link PluginReader}. */
export async function readKubernetes(
  path: string,
  document: YamlDocument,
  builder: InventoryBuilder,
  call: PluginCall,
): Promise<PluginHosts> {
  const options = readKubernetesOptions(path, document, call.timeoutMs);
  const cache = await mkdtemp(join(tmpdir(), 'fleetmend-kubectl-'));
  try {
    const nodes = await listNodes(options, cache, call);
    return { hosts: addNodes(nodes, options, document.findings.source.path, builder), limits: options.limits };
  } finally {
    await rm(cache, { recursive: true, force: true });
  }
}

// The program's environment is whole: kubeconfigs name programs for their credentials, which need theirs.
async function listNodes(options: KubernetesOptions, cache: string, call: PluginCall): Promise<readonly unknown[]> {
  const request: ProgramRequest = {
    file: options.kubectl,
    args: wordsOf(options, cache),
    env: { ...call.env, LC_ALL: 'C' },
    timeoutMs: options.timeoutMs,
    maxOutputBytes: options.maxOutputBytes,
    signal: call.signal,
  };
  const result = await runProgram(request);
  if (result.ended !== 'exited' || result.status !== 0) {
    const hint =
      result.startError === 'ENOENT'
        ? "install kubectl, or set 'kubectl:' in the inventory file to its path"
        : failureOf(result.ended === 'timed_out' ? TIMED_OUT_STATUS : result.status, result.stderr, 0).hint;
    throw programFailure(request, result, { hint });
  }
  const fail = (problem: string) => programFailure(request, result, { problem });
  let list: unknown;
  try {
    list = parseJson(result.stdout);
  } catch {
    throw fail('printed what is no JSON');
  }
  const isList = typeof list === 'object' && list !== null && 'items' in list && Array.isArray(list.items);
  if (!isList) throw fail('printed no list of nodes');
  return listAt(list, 'items');
}

function wordsOf(options: KubernetesOptions, cache: string): string[] {
  const { context, kubeconfig, selector } = options;
  return [
    // Before the deadline of the whole call, so that kubectl can say itself what the server did not do.
    `--request-timeout=${Math.max(1, Math.floor(options.timeoutMs / 1000) - 2)}s`,
    `--cache-dir=${cache}`,
    ...(context === undefined ? [] : [`--context=${context}`]),
    ...(kubeconfig === undefined ? [] : [`--kubeconfig=${kubeconfig}`]),
    'get',
    'nodes',
    ...(selector === undefined ? [] : [`--selector=${selector}`]),
    '-o',
    'json',
  ];
}
