/*
 * The launcher's part that takes care of the scheduled task for all users. The installer runs it with the system's rights,
 * also in a repair, which any user may start. So it takes nothing from its arguments, its environment, or its current
 * folder, and no window of what it starts can ever be seen.
 *
 *   --create-task   makes or renews the task, with the program next to this one. A task that was turned off stays so.
 *   --delete-task   removes it.
 *   --start-agents  runs it for every user who is logged on, each in their own session and without elevation.
 */
#define UNICODE
#define COBJMACROS
#define INITGUID
#include <windows.h>
#include <tlhelp32.h>
#include <taskschd.h>
/* Made by launcher.ts: TASK_NAME, and the task's XML before and after the program's path. */
#include "task-xml.h"

/* A scheduler that doesn't answer must not hold up the installer for long. */
#define SCHTASKS_MS 60000
#define MAX_SESSIONS 256
#define OFF "<Enabled>false</Enabled>"
#define SETTINGS "<Settings>"
/* Of TASK_RUN_FLAGS, which the headers of mingw-w64 don't have. */
#define TASK_RUN_USE_SESSION_ID 4

static WCHAR self[32768], file[ARRAYSIZE(self)], schtasks[MAX_PATH + 16], command[2 * ARRAYSIZE(self)];
static WCHAR xml[2 * ARRAYSIZE(self)];
static char answer[65536];
static DWORD sessions[MAX_SESSIONS];
static PROCESSENTRY32W process = {.dwSize = sizeof process};
static STARTUPINFOW startup = {.cb = sizeof startup};
static PROCESS_INFORMATION started;
static SECURITY_ATTRIBUTES inheritable = {.nLength = sizeof inheritable, .bInheritHandle = TRUE};
static VARIANT nothing;

typedef HRESULT(WINAPI *CoInitializeExFunction)(void *, DWORD);
typedef HRESULT(WINAPI *CoCreateInstanceFunction)(REFCLSID, IUnknown *, DWORD, REFIID, void **);
typedef BSTR(WINAPI *SysAllocStringFunction)(const WCHAR *);

static BOOL says(const WCHAR *arguments, const WCHAR *mode) {
  const int length = lstrlenW(arguments), tail = lstrlenW(mode);
  return length >= tail && CompareStringOrdinal(arguments + length - tail, tail, mode, tail, FALSE) == CSTR_EQUAL;
}

/*
 * Runs Windows' schtasks.exe without a console and waits for it. What it prints goes to `output`, or nowhere.
 * Returns its exit code, or the number of Windows' error.
 */
static DWORD run_schtasks(const WCHAR *arguments, HANDLE output) {
  const UINT length = GetSystemDirectoryW(schtasks, MAX_PATH);
  DWORD code = ERROR_PATH_NOT_FOUND;
  if (length == 0 || length >= MAX_PATH) return code;
  lstrcpyW(command, L"\"");
  lstrcatW(command, schtasks);
  lstrcatW(command, L"\\schtasks.exe\" ");
  lstrcatW(command, arguments);
  lstrcatW(schtasks, L"\\schtasks.exe");
  startup.dwFlags = STARTF_USESTDHANDLES;
  startup.hStdOutput = output;
  if (!CreateProcessW(schtasks, command, NULL, NULL, output != NULL, CREATE_NO_WINDOW, NULL, NULL, &startup, &started))
    return GetLastError();
  CloseHandle(started.hThread);
  if (output != NULL) CloseHandle(output);
  if (WaitForSingleObject(started.hProcess, SCHTASKS_MS) != WAIT_OBJECT_0) TerminateProcess(started.hProcess, WAIT_TIMEOUT);
  if (!GetExitCodeProcess(started.hProcess, &code)) code = GetLastError();
  CloseHandle(started.hProcess);
  return code;
}

static const char *find(const char *text, const char *what) {
  for (; *text != 0; text++) {
    int i = 0;
    while (what[i] != 0 && text[i] == what[i]) i++;
    if (what[i] == 0) return text;
  }
  return NULL;
}

/* Whether the task is there and somebody has turned it off. */
static BOOL is_off(void) {
  HANDLE input, output;
  DWORD length = 0, count;
  if (!CreatePipe(&input, &output, &inheritable, sizeof answer)) return FALSE;
  SetHandleInformation(input, HANDLE_FLAG_INHERIT, 0);
  const DWORD code = run_schtasks(L"/query /tn \"" TASK_NAME L"\" /xml", output);
  while (code == 0 && length < sizeof answer - 1 &&
         ReadFile(input, answer + length, sizeof answer - 1 - length, &count, NULL) && count > 0)
    length += count;
  CloseHandle(input);
  /* Without every second byte, should it be UTF-16: what is looked for is ASCII. */
  DWORD end = 0;
  for (DWORD i = 0; i < length; i++)
    if (answer[i] != 0) answer[end++] = answer[i];
  answer[end] = 0;
  const char *settings = find(answer, SETTINGS);
  return settings != NULL && find(settings, OFF) != NULL;
}

/* The task's XML with this program in it. FALSE if the scheduler would read the path as something else. */
static BOOL write_xml(void) {
  lstrcpyW(xml, L"\xfeff" TASK_BEFORE);
  int at = lstrlenW(xml);
  for (const WCHAR *from = self; *from != 0; from++) {
    if (*from == L'%') return FALSE;
    if (*from != L'&') xml[at++] = *from;
    else
      for (const WCHAR *escape = L"&amp;"; *escape != 0; escape++) xml[at++] = *escape;
  }
  lstrcpyW(xml + at, TASK_AFTER);
  return TRUE;
}

/*
 * To a new file in the program's folder, to which only administrators may write. Other folders for temporary files are
 * open to every user.
 */
static DWORD save_xml(void) {
  DWORD written;
  DeleteFileW(file);
  const HANDLE handle = CreateFileW(file, GENERIC_WRITE, 0, NULL, CREATE_NEW, FILE_ATTRIBUTE_NORMAL, NULL);
  if (handle == INVALID_HANDLE_VALUE) return GetLastError();
  const DWORD size = 2 * lstrlenW(xml);
  const BOOL ok = WriteFile(handle, xml, size, &written, NULL) && written == size;
  const DWORD error = GetLastError();
  CloseHandle(handle);
  return ok ? 0 : error;
}

static DWORD create_task(void) {
  const DWORD length = GetModuleFileNameW(NULL, self, ARRAYSIZE(self));
  if (length == 0 || length + 16 >= ARRAYSIZE(self) || !write_xml()) return ERROR_BAD_PATHNAME;
  lstrcpyW(file, self);
  int folder = length;
  while (folder > 0 && file[folder - 1] != L'\\') folder--;
  lstrcpyW(file + folder, L"task.xml");
  const BOOL stays_off = is_off();
  DWORD code = save_xml();
  if (code == 0) {
    static WCHAR arguments[ARRAYSIZE(self) + 64];
    lstrcpyW(arguments, L"/create /tn \"" TASK_NAME L"\" /f /xml \"");
    lstrcatW(arguments, file);
    lstrcatW(arguments, L"\"");
    code = run_schtasks(arguments, NULL);
  }
  DeleteFileW(file);
  if (code == 0 && stays_off) code = run_schtasks(L"/change /tn \"" TASK_NAME L"\" /disable", NULL);
  return code;
}

/* The sessions in which something runs, without the one of services. */
static int list_sessions(void) {
  int count = 0;
  const HANDLE processes = CreateToolhelp32Snapshot(TH32CS_SNAPPROCESS, 0);
  if (processes == INVALID_HANDLE_VALUE) return 0;
  for (BOOL more = Process32FirstW(processes, &process); more && count < MAX_SESSIONS;
       more = Process32NextW(processes, &process)) {
    DWORD session;
    int i = 0;
    if (!ProcessIdToSessionId(process.th32ProcessID, &session) || session == 0) continue;
    while (i < count && sessions[i] != session) i++;
    if (i == count) sessions[count++] = session;
  }
  CloseHandle(processes);
  return count;
}

/* From one of Windows' own libraries, loaded only here: every start of the agent would otherwise load them all. */
static void *function(const WCHAR *library, const char *name) {
  const HMODULE module = LoadLibraryExW(library, NULL, LOAD_LIBRARY_SEARCH_SYSTEM32);
  return module == NULL ? NULL : (void *)GetProcAddress(module, name);
}

static IRegisteredTask *find_task(void) {
  const CoInitializeExFunction initialize = function(L"ole32.dll", "CoInitializeEx");
  const CoCreateInstanceFunction create = function(L"ole32.dll", "CoCreateInstance");
  const SysAllocStringFunction string = function(L"oleaut32.dll", "SysAllocString");
  ITaskService *service;
  ITaskFolder *folder;
  IRegisteredTask *task;
  if (initialize == NULL || create == NULL || string == NULL || FAILED(initialize(NULL, COINIT_MULTITHREADED)) ||
      FAILED(create(&CLSID_TaskScheduler, NULL, CLSCTX_INPROC_SERVER, &IID_ITaskService, (void **)&service)) ||
      FAILED(ITaskService_Connect(service, nothing, nothing, nothing, nothing)) ||
      FAILED(ITaskService_GetFolder(service, string(L"\\"), &folder)) ||
      FAILED(ITaskFolder_GetTask(folder, string(TASK_NAME), &task)))
    return NULL;
  return task;
}

/*
 * "Run" alone leaves it to the scheduler whose session it takes; with a session it takes the user who is logged on there.
 * In a session where nobody is, it fails, which changes nothing.
 * https://learn.microsoft.com/windows/win32/api/taskschd/nf-taskschd-iregisteredtask-runex
 */
static DWORD start_agents(void) {
  IRegisteredTask *task = find_task();
  const int count = task == NULL ? 0 : list_sessions();
  int runs = 0;
  for (int i = 0; i < count; i++)
    if (SUCCEEDED(IRegisteredTask_RunEx(task, nothing, TASK_RUN_USE_SESSION_ID, sessions[i], NULL, NULL))) runs++;
  return runs > 0 ? 0 : run_schtasks(L"/run /tn \"" TASK_NAME L"\"", NULL);
}

/* Returns only if the arguments ask for none of this. */
void serve_task(const WCHAR *arguments) {
  if (says(arguments, L" --create-task")) ExitProcess(create_task());
  if (says(arguments, L" --delete-task")) ExitProcess(run_schtasks(L"/delete /tn \"" TASK_NAME L"\" /f", NULL));
  if (says(arguments, L" --start-agents")) ExitProcess(start_agents());
}
