import { writeRegistryFile } from '../../formats/registry-file.ts';
import type { ExportFile } from './export-file.ts';
import { writeDetection, writeRemediation } from './powershell.ts';
import { type RegistryPolicy, removedNames } from './registry-policy.ts';

/** One program's settings as a registry file, and as Intune's pair of scripts. */
export function windowsFiles(policy: RegistryPolicy & { readonly slug: string }): readonly ExportFile[] {
  const { slug, key, values, removes } = policy;
  const [detection, remediation] = [`detect-${slug}-policy.ps1`, `remediate-${slug}-policy.ps1`];
  return [
    {
      path: `windows/${slug}.reg`,
      content: writeRegistryFile(
        `HKEY_LOCAL_MACHINE\\${key}`,
        values,
        removes === 'everything-else' ? removes : removedNames(policy),
      ),
      upload:
        'One computer: "reg import FILE /reg:64" as administrator. Group Policy: the same line in a computer startup script.',
    },
    {
      path: `windows/intune/${detection}`,
      content: Buffer.from(writeDetection(policy)),
      upload: `Intune: Devices > Scripts and remediations > Create: this is the detection script, ${remediation} the remediation script. Run with the logged-on credentials: No.`,
    },
    {
      path: `windows/intune/${remediation}`,
      content: Buffer.from(writeRemediation(policy)),
      upload: `Together with ${detection}. Without a license for remediations, use it alone as a platform script, which sets the values once.`,
    },
  ];
}
