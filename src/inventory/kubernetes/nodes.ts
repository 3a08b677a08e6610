/** From a node of Kubernetes to a host of the inventory. */
import { InventoryError } from '../../errors.ts';
import { type Json, listAt, objectAt, textAt } from '../../util/json-object.ts';
import { slug } from '../group-name.ts';
import type { InventoryBuilder } from '../model.ts';
import type { AddressChoice, KubernetesOptions } from './options.ts';

/** Types of addresses as Kubernetes names them. */
const ADDRESS_TYPES: Readonly<Record<Exclude<AddressChoice, 'name'>, string>> = {
  internal: 'InternalIP',
  external: 'ExternalIP',
  hostname: 'Hostname',
};
const ROLE_LABEL = 'node-role.kubernetes.io/';
/** Says the node's name once more: with `label_groups: true` it would make a group a host. */
const HOSTNAME_LABEL = 'kubernetes.io/hostname';

/**
 * Adds nodes as hosts.
 *
 * @returns names of the added hosts
 * @throws {@link InventoryError} INVENTORY_SOURCE_FAILED for an entry that is no node
 */
export function addNodes(
  nodes: readonly unknown[],
  options: KubernetesOptions,
  origin: string,
  builder: InventoryBuilder,
): string[] {
  return nodes.map((node) => {
    const name = textAt(objectAt(node, 'metadata'), 'name');
    if (name === undefined || textAt(node, 'kind') !== 'Node') {
      throw new InventoryError('INVENTORY_SOURCE_FAILED', `${origin}: kubectl listed something that is no node`);
    }
    const host = builder.host(name);
    const labels = objectAt(node, 'metadata', 'labels');
    const conditions = conditionsOf(node);
    for (const group of groupsOf(node, labels, conditions, options)) builder.addMember(builder.group(group), host);
    const address = addressOf(node, name, options.address);
    if (address === undefined) {
      host.unreachableReason = `Kubernetes knows no address of it of the type '${options.address}'`;
    }
    const vars = {
      ...varsOf(node, name, labels, conditions, options),
      ...(address === undefined ? {} : { ansible_host: address }),
      ...(options.user === undefined ? {} : { ansible_user: options.user }),
    };
    // Names, labels and messages are written by others: they are data, never templates.
    builder.addHostVars(host, { origin, vars, isTemplate: false });
    return name;
  });
}

function addressOf(node: unknown, name: string, choice: AddressChoice): string | undefined {
  if (choice === 'name') return name;
  const addresses = listAt(objectAt(node, 'status'), 'addresses');
  return textAt(
    addresses.find((each) => textAt(each, 'type') === ADDRESS_TYPES[choice]),
    'address',
  );
}

function groupsOf(node: unknown, labels: Json, conditions: Json, options: KubernetesOptions): Set<string> {
  const groups = new Set<string>();
  for (const role of rolesOf(labels)) groups.add(`role_${slug(role)}`);
  const { Ready, ...others } = conditions;
  groups.add(Ready === 'True' ? 'ready' : 'not_ready');
  for (const [type, status] of Object.entries(others)) if (status === 'True') groups.add(snakeCase(type));
  if (objectAt(node, 'spec').unschedulable === true) groups.add('cordoned');
  for (const [key, value] of Object.entries(labels)) {
    const { labelGroups } = options;
    const isChosen = labelGroups === true ? key !== HOSTNAME_LABEL : labelGroups !== false && labelGroups.includes(key);
    if (isChosen) groups.add(['label', slug(key), slug(String(value ?? ''))].filter((part) => part !== '').join('_'));
  }
  groups.delete('');
  return groups;
}

function varsOf(
  node: unknown,
  name: string,
  labels: Json,
  conditions: Json,
  options: KubernetesOptions,
): Record<string, unknown> {
  const info = objectAt(node, 'status', 'nodeInfo');
  const spec = objectAt(node, 'spec');
  return {
    k8s_name: name,
    k8s_context: options.context ?? null,
    k8s_roles: rolesOf(labels),
    k8s_labels: labels,
    k8s_conditions: conditions,
    k8s_cordoned: spec.unschedulable === true,
    k8s_taints: listAt(spec, 'taints'),
    k8s_kubelet_version: textAt(info, 'kubeletVersion') ?? null,
    k8s_container_runtime: textAt(info, 'containerRuntimeVersion') ?? null,
    k8s_kernel: textAt(info, 'kernelVersion') ?? null,
    k8s_provider_id: textAt(spec, 'providerID') ?? null,
  };
}

function rolesOf(labels: Json): string[] {
  const roles = Object.keys(labels).flatMap((key) =>
    key.startsWith(ROLE_LABEL) ? [key.slice(ROLE_LABEL.length)] : [],
  );
  const old = textAt(labels, 'kubernetes.io/role');
  return [...new Set(old === undefined ? roles : [...roles, old])].filter((role) => role !== '').toSorted();
}

function conditionsOf(node: unknown): Json {
  const conditions: Record<string, unknown> = {};
  for (const condition of listAt(objectAt(node, 'status'), 'conditions')) {
    const type = textAt(condition, 'type');
    if (type !== undefined) conditions[type] = textAt(condition, 'status') ?? null;
  }
  return conditions;
}

// MemoryPressure: memory_pressure, PIDPressure: pid_pressure.
function snakeCase(type: string): string {
  return slug(type.replaceAll(/([a-z0-9])([A-Z])|([A-Z])(?=[A-Z][a-z])/g, '$1$3_$2'));
}
