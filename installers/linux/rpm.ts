// The RPM package, by rpmbuild from the finished program: https://rpm-software-management.github.io/rpm/manual/spec.html
import { execFileSync } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { projectFolder } from '../build/bundle.ts';
import { sourceDate } from '../release/source-state.ts';
import { rpmChangelog } from './changelog.ts';
import { ADDONS, DESCRIPTION, DOCUMENTS, type LinuxPackage, packageFiles, SYNOPSIS } from './package-files.ts';

const RELEASE = '1';
const ARCHITECTURES = { x64: 'x86_64', arm64: 'aarch64' } as const;
/** Debian's maintainer scripts do the same work; RPM calls them with counts instead of words. */
const SCRIPTS = [
  {
    section: '%post',
    file: 'postinst',
    arguments_: 'if [ "$1" -gt 1 ]; then set -- configure before; else set -- configure ""; fi',
  },
  { section: '%preun', file: 'prerm', arguments_: 'if [ "$1" -eq 0 ]; then set -- remove; else set -- upgrade; fi' },
] as const;

/** Writes `foundry-credential-helper-<version>-<release>.<architecture>.rpm` to `folder` and returns its path. The same input gives the same bytes. */
export function writeRpm(linuxPackage: LinuxPackage): string {
  const { arch, version, folder } = linuxPackage;
  const name = `foundry-credential-helper-${version}-${RELEASE}.${ARCHITECTURES[arch]}.rpm`;
  const top = mkdtempSync(join(tmpdir(), 'rpm-'));
  try {
    const spec = join(top, 'package.spec');
    writeFileSync(spec, specText(linuxPackage));
    const macros = {
      _topdir: top,
      _rpmdir: top,
      _rpmfilename: name,
      _buildhost: 'localhost',
      _binary_payload: 'w6.gzdio',
      use_source_date_epoch_as_buildtime: '1',
      clamp_mtime_to_source_date_epoch: '1',
      // Stripping would cut the program off its Node.
      __os_install_post: '%{nil}',
      debug_package: '%{nil}',
      _build_id_links: 'none',
    };
    const defines = Object.entries(macros).flatMap(([macro, value]) => ['--define', `${macro} ${value}`]);
    execFileSync('rpmbuild', ['-bb', '--target', ARCHITECTURES[arch], ...defines, spec], {
      env: { ...process.env, SOURCE_DATE_EPOCH: String(sourceDate().getTime() / 1000) },
      stdio: 'pipe',
    });
    mkdirSync(folder, { recursive: true });
    copyFileSync(join(top, name), join(folder, name));
    return join(folder, name);
  } finally {
    rmSync(top, { recursive: true });
  }
}

function specText(linuxPackage: LinuxPackage): string {
  // rpmbuild reads which libraries a file needs only if the file is executable.
  const files = packageFiles(linuxPackage).map((file) =>
    file.path.startsWith(`${ADDONS}/`) ? { ...file, mode: 0o755 } : file,
  );
  const install = files.map(
    ({ path, source, mode }) => `install -D -m ${mode.toString(8)} '${source}' '%{buildroot}${path}'`,
  );
  // Folders of this package's own, which go with it.
  const folders = [DOCUMENTS, ADDONS].filter((folder) => files.some(({ path }) => path.startsWith(`${folder}/`)));
  return `Name: foundry-credential-helper
Version: ${linuxPackage.version}
Release: ${RELEASE}
Summary: ${SYNOPSIS}
License: MIT
# rpmbuild reads the libraries and their symbol versions from the program: distributions name their packages differently.
AutoReq: yes
AutoProv: no
Recommends: gnome-keyring, xdg-utils

%description
${DESCRIPTION.join('\n')}

%install
${install.join('\n')}

%files
%defattr(-,root,root)
${folders.map((folder) => `%dir %attr(755,root,root) ${folder}`).join('\n')}
${files.map(({ path, mode }) => `%attr(${mode.toString(8)},root,root) ${path}`).join('\n')}

${SCRIPTS.map(({ section, file, arguments_ }) => `${section}\n${arguments_}\n${scriptBody(file)}`).join('\n')}
%changelog
${rpmChangelog(linuxPackage.version, RELEASE, sourceDate())}`;
}

function scriptBody(file: string): string {
  const text = readFileSync(join(projectFolder, 'installers/linux/deb', file), 'utf8');
  // In a spec `%` begins a macro.
  return text.replace(/^#!.*\n/, '').replaceAll('%', '%%');
}
