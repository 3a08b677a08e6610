import { execFileSync } from 'node:child_process';
import { expect, test } from 'vitest';
import { REDACT } from '../../../src/modules/docker-diagnostics/script.ts';

const SECRET = 'hunter2';

test('secrets in texts of the engine are taken out on the host', () => {
  const text = [
    `"http-proxy": "http://user:${SECRET}@proxy.local:3128",`,
    ` HTTP Proxy: http://user:${SECRET}@proxy.local:3128`,
    `--log-opt splunk-token=${SECRET} --label a=b`,
    `{"log-opts": {"splunk-token": "${SECRET} with spaces", "max-size": "10m"}}`,
    `"awslogs-credentials-endpoint": "/${SECRET}"`,
    `AWS_SECRET_ACCESS_KEY=${SECRET}`,
    `level=debug msg="form data: {\\"Env\\":[\\"DB=${SECRET}\\"],\\"Image\\":\\"bb:1\\"}"`,
  ];
  const redacted = redact(`${text.join('\n')}\n`);
  expect(redacted).not.toContain(SECRET);
  for (const kept of [
    'http://[redacted]@proxy.local:3128',
    '--label a=b',
    '"max-size": "10m"',
    'msg="form data: [redacted]"',
  ])
    expect(redacted).toContain(kept);
});

test('what is no secret stays', () => {
  const text = [
    'goroutine 248 [running]:',
    'github.com/docker/docker/pkg/signal.DumpStacks(0x18fe090, 0xf, 0x0)',
    'time="2026-11-21T12:34:19.068Z" level=error msg="Handler for GET /v1.24/containers/abc/json returned error" id=abd267',
    '[7993043.926831] Memory cgroup out of memory: Kill process 20357 (runc:[2:INIT]) score 970',
    '"registry-mirrors": ["https://mirror.local"]',
  ].join('\n');
  expect(redact(text).trim()).toBe(text);
});

function redact(input: string): string {
  return execFileSync('sh', ['-c', `${REDACT}\nredact`], { input, encoding: 'utf8' });
}
