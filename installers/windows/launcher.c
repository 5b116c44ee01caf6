/*
 * foundry-credential-helperw.exe: starts foundry-credential-helper.exe, which lies beside it, with the same arguments and
 * without a console window. Windows opens one for a console program whose parent has none, such as the shell at log-on.
 */
#define UNICODE
#include <windows.h>

/* The longest path that Windows knows. Static: nothing here may need the C runtime. */
static WCHAR program[32768];
static STARTUPINFOW startup = {.cb = sizeof startup};
static PROCESS_INFORMATION started;

/** Its exit code is 0, or the number of Windows' error. Doesn't wait for the program. */
void launch(void) {
  const DWORD length = GetModuleFileNameW(NULL, program, ARRAYSIZE(program));
  if (length == ARRAYSIZE(program)) ExitProcess(ERROR_FILENAME_EXCED_RANGE);
  /* "...w.exe" becomes "....exe". */
  const DWORD w = length - 5;
  if (length < 6 || (program[w] | 0x20) != L'w') ExitProcess(ERROR_BAD_PATHNAME);
  for (DWORD i = w; i < length; i++) program[i] = program[i + 1];

  if (!CreateProcessW(program, GetCommandLineW(), NULL, NULL, FALSE, DETACHED_PROCESS, NULL, NULL, &startup, &started))
    ExitProcess(GetLastError());
  ExitProcess(0);
}
