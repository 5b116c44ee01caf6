/*
 * foundry-credential-helperw.exe starts foundry-credential-helper.exe, which is next to it, with the same arguments and
 * without a console window. Windows opens one for a console program whose parent has none, such as the shell at log-on.
 *
 * With --end-all as its last argument it ends every process of that program instead, of all users that it may reach. The
 * installer runs it so before it removes the files: it has no window that a user could take hold of.
 */
#define UNICODE
#include <windows.h>
#include <tlhelp32.h>

#define END_ALL L" --end-all"
/* Processes that are still there may have started another one meanwhile. */
#define ROUNDS 5
#define END_MS 5000

/* The longest path that Windows knows. Static: nothing here may need the C runtime. */
static WCHAR program[32768];
static WCHAR image[ARRAYSIZE(program)];
static STARTUPINFOW startup = {.cb = sizeof startup};
static PROCESS_INFORMATION started;
static PROCESSENTRY32W entry = {.dwSize = sizeof entry};

/* The program next to this one: "...w.exe" becomes "....exe". */
static void find_program(void) {
  const DWORD length = GetModuleFileNameW(NULL, program, ARRAYSIZE(program));
  if (length == ARRAYSIZE(program)) ExitProcess(ERROR_FILENAME_EXCED_RANGE);
  const DWORD w = length - 5;
  if (length < 6 || (program[w] | 0x20) != L'w') ExitProcess(ERROR_BAD_PATHNAME);
  for (DWORD i = w; i < length; i++) program[i] = program[i + 1];
}

static BOOL ends_with(const WCHAR *text, const WCHAR *end) {
  const int length = lstrlenW(text), tail = lstrlenW(end);
  return length >= tail && CompareStringOrdinal(text + length - tail, tail, end, tail, FALSE) == CSTR_EQUAL;
}

/* Whether the process was one of the program's, and has ended. */
static BOOL end(DWORD pid) {
  const HANDLE process = OpenProcess(PROCESS_QUERY_LIMITED_INFORMATION | PROCESS_TERMINATE | SYNCHRONIZE, FALSE, pid);
  if (process == NULL) return FALSE;
  DWORD length = ARRAYSIZE(image);
  const BOOL ended = QueryFullProcessImageNameW(process, 0, image, &length) &&
                     CompareStringOrdinal(image, -1, program, -1, TRUE) == CSTR_EQUAL &&
                     TerminateProcess(process, 1) && WaitForSingleObject(process, END_MS) == WAIT_OBJECT_0;
  CloseHandle(process);
  return ended;
}

/* Whether there was any. */
static BOOL end_all(void) {
  BOOL any = FALSE;
  const HANDLE processes = CreateToolhelp32Snapshot(TH32CS_SNAPPROCESS, 0);
  if (processes == INVALID_HANDLE_VALUE) return FALSE;
  for (BOOL more = Process32FirstW(processes, &entry); more; more = Process32NextW(processes, &entry))
    if (end(entry.th32ProcessID)) any = TRUE;
  CloseHandle(processes);
  return any;
}

/* Its exit code is 0, or the number of Windows' error. Doesn't wait for the program that it starts. */
void launch(void) {
  find_program();
  if (ends_with(GetCommandLineW(), END_ALL)) {
    for (int round = 0; round < ROUNDS && end_all(); round++) continue;
    ExitProcess(0);
  }
  if (!CreateProcessW(program, GetCommandLineW(), NULL, NULL, FALSE, DETACHED_PROCESS, NULL, NULL, &startup, &started))
    ExitProcess(GetLastError());
  ExitProcess(0);
}
