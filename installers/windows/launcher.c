/*
 * foundry-credential-helperw.exe starts foundry-credential-helper.exe, which is next to it, with the same arguments and
 * without a console window. Windows opens one for a console program whose parent has none, such as the shell at log-on.
 *
 * With --end-all as its last argument it ends every process of that program, and every other launcher, such as one that
 * has a window open, instead, of all users that it may reach. The
 * installer runs it so before it removes the files: it has no window that a user could take hold of.
 *
 * With --report-event and a number as its last arguments, it writes the line from standard input to Windows' Application
 * log instead. The installer registers the source, with a message file of Windows that has a message for 1 to 1000.
 *
 * With --open as its last argument, it opens the web address from standard input in the user's browser instead.
 *
 * With --origin as its last argument, it writes to standard output who runs it and what started it instead: a line with
 * the user's SID, then for each ancestor, the nearest first, its process number, its package's full name ("-" if it has
 * none), and its program.
 *
 * With --dialog-window as its last argument, it opens a window for a dialog of the system instead: window.c.
 */
#define UNICODE
#include <windows.h>
#include <sddl.h>
#include <tlhelp32.h>

#define END_ALL L" --end-all"
#define REPORT_EVENT L" --report-event "
#define OPEN L" --open"
#define ORIGIN L" --origin"
#define DIALOG_WINDOW L" --dialog-window"
/* More ancestors than any process has. */
#define MAX_ANCESTORS 64
#define MAX_PROCESSES 8192
#define SOURCE L"Foundry Credential Helper"
/* Processes that are still there may have started another one meanwhile. */
#define ROUNDS 5
#define END_MS 5000

/* The longest path that Windows knows. Static: nothing here may need the C runtime. */
static WCHAR program[32768];
static WCHAR launcher[ARRAYSIZE(program)];
static WCHAR image[ARRAYSIZE(program)];
static STARTUPINFOW startup = {.cb = sizeof startup};
static PROCESS_INFORMATION started;
static char bytes[16384];
static WCHAR line[ARRAYSIZE(bytes)];
static const WCHAR *const lines[] = {line};
static PROCESSENTRY32W entry = {.dwSize = sizeof entry};
static struct { DWORD pid, parent; } seen[MAX_PROCESSES];
static WCHAR package[256];
typedef LONG(WINAPI *GetPackageFullNameFunction)(HANDLE, UINT32 *, PWSTR);

/* The program next to this one: "...w.exe" becomes "....exe". */
static void find_program(void) {
  const DWORD length = GetModuleFileNameW(NULL, program, ARRAYSIZE(program));
  if (length == ARRAYSIZE(program)) ExitProcess(ERROR_FILENAME_EXCED_RANGE);
  lstrcpyW(launcher, program);
  const DWORD w = length - 5;
  if (length < 6 || (program[w] | 0x20) != L'w') ExitProcess(ERROR_BAD_PATHNAME);
  for (DWORD i = w; i < length; i++) program[i] = program[i + 1];
}

/* In task.c: what it does with the scheduled task. */
void serve_task(const WCHAR *arguments);

/* In window.c. */
void serve_dialog_window(void);

static BOOL ends_with(const WCHAR *text, const WCHAR *end) {
  const int length = lstrlenW(text), tail = lstrlenW(end);
  return length >= tail && CompareStringOrdinal(text + length - tail, tail, end, tail, FALSE) == CSTR_EQUAL;
}

static BOOL is_same(const WCHAR *one, const WCHAR *other) {
  return CompareStringOrdinal(one, -1, other, -1, TRUE) == CSTR_EQUAL;
}

/* Whether the process was one of the program's or another launcher's, and has ended. */
static BOOL end(DWORD pid) {
  if (pid == GetCurrentProcessId()) return FALSE;
  const HANDLE process = OpenProcess(PROCESS_QUERY_LIMITED_INFORMATION | PROCESS_TERMINATE | SYNCHRONIZE, FALSE, pid);
  if (process == NULL) return FALSE;
  DWORD length = ARRAYSIZE(image);
  const BOOL ended = QueryFullProcessImageNameW(process, 0, image, &length) &&
                     (is_same(image, program) || is_same(image, launcher)) && TerminateProcess(process, 1) &&
                     WaitForSingleObject(process, END_MS) == WAIT_OBJECT_0;
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

/* The number after REPORT_EVENT, or 0. */
static DWORD event_id(const WCHAR *arguments) {
  int start = lstrlenW(arguments);
  while (start > 0 && arguments[start - 1] >= L'0' && arguments[start - 1] <= L'9') start--;
  DWORD id = 0;
  for (const WCHAR *digit = arguments + start; *digit != 0 && id <= 1000; digit++) id = 10 * id + (*digit - L'0');
  const int tail = ARRAYSIZE(REPORT_EVENT) - 1;
  const BOOL named =
      start >= tail && CompareStringOrdinal(arguments + start - tail, tail, REPORT_EVENT, tail, FALSE) == CSTR_EQUAL;
  return named && id <= 1000 ? id : 0;
}

/* Returns the length in characters. */
static int read_line(void) {
  const HANDLE input = GetStdHandle(STD_INPUT_HANDLE);
  DWORD length = 0, count;
  while (length < sizeof bytes && ReadFile(input, bytes + length, sizeof bytes - length, &count, NULL) && count > 0)
    length += count;
  return MultiByteToWideChar(CP_UTF8, 0, bytes, length, line, ARRAYSIZE(line) - 1);
}

static BOOL report_event(DWORD id) {
  read_line();
  const HANDLE source = RegisterEventSourceW(NULL, SOURCE);
  return source != NULL && ReportEventW(source, EVENTLOG_INFORMATION_TYPE, 0, id, NULL, 1, 0, (const WCHAR **)lines, NULL);
}

static BOOL starts_with(const WCHAR *text, const WCHAR *start) {
  const int length = lstrlenW(start);
  return lstrlenW(text) > length && CompareStringOrdinal(text, length, start, length, FALSE) == CSTR_EQUAL;
}

/* Whether the line is one that a browser gets. What else ShellExecute takes for a program stays out. */
static BOOL is_web_address(int length) {
  for (int i = 0; i < length; i++)
    if (line[i] <= L' ' || line[i] > L'~' || line[i] == L'"') return FALSE;
  return starts_with(line, L"http://") || starts_with(line, L"https://");
}

/* From System32 only. Loaded when needed, because every start of the agent would wait for these libraries. */
FARPROC system_function(const WCHAR *library, const char *name) {
  const HMODULE module = LoadLibraryExW(library, NULL, LOAD_LIBRARY_SEARCH_SYSTEM32);
  return module == NULL ? NULL : GetProcAddress(module, name);
}

static DWORD open_address(void) {
  static SHELLEXECUTEINFOW info = {
      .cbSize = sizeof info, .fMask = SEE_MASK_NOASYNC | SEE_MASK_FLAG_NO_UI, .lpFile = line, .nShow = SW_SHOWNORMAL};
  typedef BOOL(WINAPI *AllowSetForegroundWindowFunction)(DWORD);
  typedef HRESULT(WINAPI *CoInitializeExFunction)(LPVOID, DWORD);
  typedef BOOL(WINAPI *ShellExecuteExFunction)(SHELLEXECUTEINFOW *);
  if (!is_web_address(read_line())) return ERROR_INVALID_DATA;
  const AllowSetForegroundWindowFunction allow =
      (AllowSetForegroundWindowFunction)(void *)system_function(L"user32.dll", "AllowSetForegroundWindow");
  const CoInitializeExFunction initialize =
      (CoInitializeExFunction)(void *)system_function(L"ole32.dll", "CoInitializeEx");
  const ShellExecuteExFunction execute =
      (ShellExecuteExFunction)(void *)system_function(L"shell32.dll", "ShellExecuteExW");
  if (execute == NULL) return GetLastError();
  /* A browser that already runs may then raise its window. Windows refuses that unless this process may do so itself. */
  if (allow != NULL) allow(ASFW_ANY);
  /* Browsers may be registered as COM servers. */
  if (initialize != NULL) initialize(NULL, COINIT_APARTMENTTHREADED | COINIT_DISABLE_OLE1DDE);
  return execute(&info) ? 0 : GetLastError();
}

/* As UTF-8, to standard output. */
void print(const WCHAR *text) {
  static char utf8[3 * ARRAYSIZE(image)];
  DWORD written;
  const int length = WideCharToMultiByte(CP_UTF8, 0, text, -1, utf8, sizeof utf8, NULL, NULL);
  if (length > 1) WriteFile(GetStdHandle(STD_OUTPUT_HANDLE), utf8, length - 1, &written, NULL);
}

const WCHAR *decimal(DWORD number) {
  static WCHAR digits[11];
  int at = ARRAYSIZE(digits) - 1;
  do digits[--at] = L'0' + number % 10;
  while ((number /= 10) != 0);
  return digits + at;
}

static void print_user(void) {
  static union { TOKEN_USER user; BYTE bytes[sizeof(TOKEN_USER) + SECURITY_MAX_SID_SIZE]; } token;
  HANDLE handle;
  DWORD length;
  WCHAR *sid;
  if (!OpenProcessToken(GetCurrentProcess(), TOKEN_QUERY, &handle)) return;
  if (GetTokenInformation(handle, TokenUser, &token, sizeof token, &length) &&
      ConvertSidToStringSidW(token.user.User.Sid, &sid)) {
    print(sid);
    LocalFree(sid);
  }
  CloseHandle(handle);
}

static ULONGLONG created_at(HANDLE process) {
  FILETIME created, exited, kernel, user;
  if (!GetProcessTimes(process, &created, &exited, &kernel, &user)) return 0;
  return (ULONGLONG)created.dwHighDateTime << 32 | created.dwLowDateTime;
}

/* An ended process stays as long as someone has a handle to it. */
static BOOL is_running(HANDLE process) {
  DWORD exit_code;
  return GetExitCodeProcess(process, &exit_code) && exit_code == STILL_ACTIVE;
}

/* The process's parent as it was at its start, or 0. */
static DWORD parent_of(DWORD pid, int count) {
  for (int i = 0; i < count; i++)
    if (seen[i].pid == pid) return seen[i].parent;
  return 0;
}

static int list_processes(void) {
  const HANDLE processes = CreateToolhelp32Snapshot(TH32CS_SNAPPROCESS, 0);
  int count = 0;
  if (processes == INVALID_HANDLE_VALUE) return 0;
  for (BOOL more = Process32FirstW(processes, &entry); more && count < MAX_PROCESSES;
       more = Process32NextW(processes, &entry), count++) {
    seen[count].pid = entry.th32ProcessID;
    seen[count].parent = entry.th32ParentProcessID;
  }
  CloseHandle(processes);
  return count;
}

static void print_process(DWORD pid, HANDLE process) {
  const GetPackageFullNameFunction get_package =
      (GetPackageFullNameFunction)(void *)GetProcAddress(GetModuleHandleW(L"kernel32.dll"), "GetPackageFullName");
  UINT32 package_length = ARRAYSIZE(package);
  if (get_package == NULL || get_package(process, &package_length, package) != ERROR_SUCCESS) lstrcpyW(package, L"-");
  DWORD length = ARRAYSIZE(image);
  if (!QueryFullProcessImageNameW(process, 0, image, &length)) image[0] = 0;
  print(L"\n");
  print(decimal(pid));
  print(L" ");
  print(package);
  print(L" ");
  print(image);
}

/*
 * Windows keeps a parent's number after its end and uses it again, so a process that is younger than its child is another
 * one: the rest of the ancestors can't be known. Neither can those above a process that this user may not look at.
 */
static void print_ancestors(void) {
  const int count = list_processes();
  ULONGLONG child_created_at = created_at(GetCurrentProcess());
  DWORD pid = GetCurrentProcessId();
  for (int i = 0; i < MAX_ANCESTORS && (pid = parent_of(pid, count)) != 0; i++) {
    const HANDLE process = OpenProcess(PROCESS_QUERY_LIMITED_INFORMATION, FALSE, pid);
    if (process == NULL) return;
    const ULONGLONG at = created_at(process);
    const BOOL is_parent = at != 0 && at <= child_created_at && is_running(process);
    if (is_parent) print_process(pid, process);
    CloseHandle(process);
    if (!is_parent) return;
    child_created_at = at;
  }
}

/* Its exit code is 0, or the number of Windows' error. Doesn't wait for the program that it starts. */
void launch(void) {
  serve_task(GetCommandLineW());
  find_program();
  if (ends_with(GetCommandLineW(), END_ALL)) {
    for (int round = 0; round < ROUNDS && end_all(); round++) continue;
    ExitProcess(0);
  }
  if (ends_with(GetCommandLineW(), OPEN)) ExitProcess(open_address());
  if (ends_with(GetCommandLineW(), DIALOG_WINDOW)) serve_dialog_window();
  if (ends_with(GetCommandLineW(), ORIGIN)) {
    print_user();
    print_ancestors();
    print(L"\n");
    ExitProcess(0);
  }
  const DWORD id = event_id(GetCommandLineW());
  if (id != 0) ExitProcess(report_event(id) ? 0 : GetLastError());
  if (!CreateProcessW(program, GetCommandLineW(), NULL, NULL, FALSE, DETACHED_PROCESS, NULL, NULL, &startup, &started))
    ExitProcess(GetLastError());
  ExitProcess(0);
}
