/*
 * Stands in for Windows' schtasks.exe under Wine, whose own keeps and starts nothing. As the real one: it takes a task's
 * XML as UTF-16, keeps it below System32\Tasks, prints it in the console's code page (characters that it lacks become
 * "?"), starts the program in the session of the user (with none of the caller's environment), says what it did on
 * stdout or what failed on stderr, and exits with 0 or 1. What it does not know, it refuses.
 *
 * Tests steer it by files in C:\schtasks (schtasks.ts): "environment" is what started programs get, "refuse" holds the
 * verbs that policy forbids, and "standard-user" means that the caller is no administrator. It appends every command line
 * to "log".
 */
#define UNICODE
#include <windows.h>
#include <wchar.h>

int __wgetmainargs(int *, WCHAR ***, WCHAR ***, int, int *);

#define OEM 437
#define SIZE 65536
static const WCHAR TASKS[] = L"C:\\windows\\System32\\Tasks\\", CONTROL[] = L"C:\\schtasks\\";
static WCHAR xml[SIZE], file[SIZE], text[SIZE], other[SIZE], path[1024], environment[SIZE];
static char bytes[2 * SIZE];
static const WCHAR *name, *source;
static BOOL force, as_xml, enable, disable;

static void say(DWORD handle, const WCHAR *what) {
  const int length = WideCharToMultiByte(OEM, 0, what, -1, bytes, sizeof bytes, NULL, NULL);
  DWORD written;
  if (length > 1) WriteFile(GetStdHandle(handle), bytes, length - 1, &written, NULL);
}

static void fail(const WCHAR *why) {
  say(STD_ERROR_HANDLE, L"ERROR: ");
  say(STD_ERROR_HANDLE, why);
  say(STD_ERROR_HANDLE, L"\r\n");
  ExitProcess(1);
}

static const WCHAR *below(const WCHAR *folder, const WCHAR *entry) {
  lstrcpyW(path, folder);
  lstrcatW(path, entry);
  return path;
}

/* The whole file as UTF-16, without its byte order mark. */
static BOOL load(const WCHAR *from, WCHAR *to) {
  const HANDLE handle = CreateFileW(from, GENERIC_READ, FILE_SHARE_READ, NULL, OPEN_EXISTING, 0, NULL);
  if (handle == INVALID_HANDLE_VALUE) return FALSE;
  DWORD length = 0;
  ReadFile(handle, bytes, sizeof bytes - 2, &length, NULL);
  CloseHandle(handle);
  const BOOL marked = length >= 2 && (BYTE)bytes[0] == 0xff && (BYTE)bytes[1] == 0xfe;
  if (marked) {
    bytes[length] = bytes[length + 1] = 0;
    lstrcpyW(to, (WCHAR *)(bytes + 2));
  } else {
    to[MultiByteToWideChar(CP_UTF8, 0, bytes, length, to, SIZE - 1)] = 0;
    if (wcsstr(to, L"encoding=\"UTF-16\"")) fail(L"The task XML is malformed.\r\n(1,40)::switch from current encoding to specified encoding not supported");
  }
  return TRUE;
}

static void save(const WCHAR *to, const WCHAR *what) {
  const HANDLE handle = CreateFileW(to, GENERIC_WRITE, 0, NULL, CREATE_ALWAYS, 0, NULL);
  DWORD written;
  if (handle == INVALID_HANDLE_VALUE) fail(L"Access is denied.");
  WriteFile(handle, "\xff\xfe", 2, &written, NULL);
  WriteFile(handle, what, 2 * lstrlenW(what), &written, NULL);
  CloseHandle(handle);
}

static BOOL exists(const WCHAR *what) { return GetFileAttributesW(what) != INVALID_FILE_ATTRIBUTES; }

/* The content of the first element of this name, from `from` on, in `to`. */
static BOOL element(const WCHAR *from, const WCHAR *tag, WCHAR *to) {
  WCHAR open[64] = L"<", close[64] = L"</";
  lstrcatW(lstrcatW(open, tag), L">");
  lstrcatW(lstrcatW(close, tag), L">");
  const WCHAR *start = wcsstr(from, open), *end = start ? wcsstr(start, close) : NULL;
  if (end == NULL) return FALSE;
  start += lstrlenW(open);
  lstrcpynW(to, start, end - start + 1);
  return TRUE;
}

static void unescape(WCHAR *what) {
  static const WCHAR *const names[] = {L"&amp;", L"&lt;", L"&gt;", L"&quot;", L"&apos;"};
  WCHAR *to = what;
  for (const WCHAR *from = what; *from; to++) {
    int i = 0;
    while (i < 5 && wcsncmp(from, names[i], lstrlenW(names[i])) != 0) i++;
    *to = i < 5 ? L"&<>\"'"[i] : *from;
    from += i < 5 ? lstrlenW(names[i]) : 1;
  }
  *to = 0;
}

/* Whether every element is closed, innermost first. */
static BOOL well_formed(const WCHAR *what) {
  static const WCHAR *open[64];
  int depth = 0;
  for (const WCHAR *at = wcschr(what, L'<'); at; at = wcschr(at + 1, L'<')) {
    const WCHAR *end = wcschr(at, L'>');
    if (end == NULL) return FALSE;
    if (at[1] == L'?' || at[1] == L'!' || end[-1] == L'/') continue;
    if (at[1] != L'/') {
      if (depth == 64) return FALSE;
      open[depth++] = at + 1;
      continue;
    }
    const int length = end - at - 2;
    if (depth-- == 0 || wcsncmp(open[depth], at + 2, length) != 0) return FALSE;
    if (open[depth][length] != L'>' && open[depth][length] != L' ') return FALSE;
  }
  return depth == 0;
}

static const WCHAR *settings(void) {
  const WCHAR *found = wcsstr(xml, L"<Settings>");
  return found ? found : L"";
}

static void open_task(void) {
  if (name == NULL) fail(L"Invalid syntax. Mandatory option 'tn' is missing.");
  if (!load(below(TASKS, name), xml)) fail(L"The system cannot find the file specified.");
}

/* A standard user may neither make nor change what serves others. */
static void check_rights(void) {
  if (!exists(below(CONTROL, L"standard-user"))) return;
  if (wcsstr(xml, L"<GroupId>") || (element(xml, L"LogonTrigger", text) && !wcsstr(text, L"<UserId>")))
    fail(L"Access is denied.");
}

static void create(void) {
  if (name == NULL || source == NULL) fail(L"Invalid syntax.");
  if (!load(source, xml)) fail(L"The system cannot find the file specified.");
  if (!wcsstr(xml, L"<Task ") || !well_formed(xml) || !element(xml, L"Command", text))
    fail(L"The task XML is malformed.");
  check_rights();
  if (exists(below(TASKS, name))) {
    if (!force) fail(L"The task already exists.");
    lstrcpyW(other, xml);
    load(path, xml);
    check_rights();
    lstrcpyW(xml, other);
  }
  CreateDirectoryW(TASKS, NULL);
  save(below(TASKS, name), xml);
  say(STD_OUTPUT_HANDLE, L"SUCCESS: The scheduled task \"");
  say(STD_OUTPUT_HANDLE, name);
  say(STD_OUTPUT_HANDLE, L"\" has successfully been created.\r\n");
}

static void query(void) {
  open_task();
  if (as_xml) {
    say(STD_OUTPUT_HANDLE, xml);
    return;
  }
  const BOOL on = !(element(settings(), L"Enabled", text) && lstrcmpW(text, L"false") == 0);
  say(STD_OUTPUT_HANDLE, L"\r\nFolder: \\\r\n");
  say(STD_OUTPUT_HANDLE, name);
  say(STD_OUTPUT_HANDLE, on ? L"   N/A   Ready\r\n" : L"   N/A   Disabled\r\n");
}

/* What a program of the user's session gets, instead of the caller's. */
static WCHAR *session_environment(void) {
  if (!load(below(CONTROL, L"environment"), environment)) return NULL;
  const int length = lstrlenW(environment);
  for (int i = 0; i < length; i++)
    if (environment[i] == L'\n') environment[i] = 0;
  environment[length] = environment[length + 1] = 0;
  return environment;
}

static void run(void) {
  open_task();
  if (element(settings(), L"Enabled", text) && lstrcmpW(text, L"false") == 0) fail(L"The scheduled task is disabled.");
  if (element(settings(), L"AllowStartOnDemand", text) && lstrcmpW(text, L"false") == 0) fail(L"Access is denied.");
  element(xml, L"Command", text);
  unescape(text);
  lstrcatW(lstrcatW(lstrcpyW(file, L"\""), text), L"\"");
  if (element(xml, L"Arguments", other)) {
    unescape(other);
    lstrcatW(lstrcatW(file, L" "), other);
  }
  STARTUPINFOW startup = {.cb = sizeof startup};
  PROCESS_INFORMATION started;
  CreateProcessW(text, file, NULL, NULL, FALSE, CREATE_UNICODE_ENVIRONMENT | DETACHED_PROCESS, session_environment(),
                 L"C:\\windows\\system32", &startup, &started);
  /* Windows' says so too if the program could not start. */
  say(STD_OUTPUT_HANDLE, L"SUCCESS: Attempted to run the scheduled task.\r\n");
}

static void delete(void) {
  open_task();
  check_rights();
  if (!force) fail(L"The task was not deleted.");
  DeleteFileW(below(TASKS, name));
  say(STD_OUTPUT_HANDLE, L"SUCCESS: The scheduled task was successfully deleted.\r\n");
}

static void change(void) {
  open_task();
  check_rights();
  WCHAR *at = (WCHAR *)settings();
  at = wcsstr(at, L"<Enabled>");
  if (at == NULL || enable == disable) fail(L"Invalid syntax.");
  at += lstrlenW(L"<Enabled>");
  lstrcpyW(other, wcschr(at, L'<'));
  lstrcpyW(at, enable ? L"true" : L"false");
  lstrcatW(xml, other);
  save(below(TASKS, name), xml);
  say(STD_OUTPUT_HANDLE, L"SUCCESS: The parameters of the scheduled task were changed.\r\n");
}

static const struct {
  const WCHAR *verb;
  void (*function)(void);
} VERBS[] = {{L"create", create}, {L"query", query}, {L"run", run}, {L"delete", delete}, {L"change", change}};

static void note(void) {
  const HANDLE log = CreateFileW(below(CONTROL, L"log"), FILE_APPEND_DATA, FILE_SHARE_READ | FILE_SHARE_WRITE, NULL,
                                 OPEN_ALWAYS, 0, NULL);
  DWORD written;
  lstrcatW(lstrcpynW(text, GetCommandLineW(), SIZE - 2), L"\n");
  WriteFile(log, bytes, WideCharToMultiByte(CP_UTF8, 0, text, -1, bytes, sizeof bytes, NULL, NULL) - 1, &written, NULL);
  CloseHandle(log);
}

/* Options with a value, and switches. */
static void parse(int count, WCHAR **arguments) {
  for (int i = 2; i < count; i++) {
    const WCHAR *option = arguments[i] + 1, *value = i + 1 < count ? arguments[i + 1] : NULL;
    if (arguments[i][0] != L'/') fail(L"Invalid argument/option.");
    if (_wcsicmp(option, L"tn") == 0 && value) {
      name = value[0] == L'\\' ? value + 1 : value;
      i++;
    } else if (_wcsicmp(option, L"xml") == 0) {
      as_xml = TRUE;
      if (value && value[0] != L'/') {
        source = value;
        i++;
      }
    } else if ((_wcsicmp(option, L"ru") == 0 || _wcsicmp(option, L"rp") == 0) && value) {
      i++;
    } else if (_wcsicmp(option, L"f") == 0) {
      force = TRUE;
    } else if (_wcsicmp(option, L"enable") == 0) {
      enable = TRUE;
    } else if (_wcsicmp(option, L"disable") == 0) {
      disable = TRUE;
    } else if (_wcsicmp(option, L"hresult") != 0 && _wcsicmp(option, L"i") != 0) {
      fail(L"Invalid argument/option.");
    }
  }
  if (name && wcschr(name, L'\\')) fail(L"This stand-in keeps tasks in the root folder only.");
}

void start(void) {
  int count, expand = 0;
  WCHAR **arguments, **unused;
  __wgetmainargs(&count, &arguments, &unused, 0, &expand);
  note();
  if (count < 2 || arguments[1][0] != L'/') fail(L"Invalid syntax.");
  parse(count, arguments);
  for (int i = 0; i < 5; i++) {
    if (_wcsicmp(arguments[1] + 1, VERBS[i].verb) != 0) continue;
    if (load(below(CONTROL, L"refuse"), other) && wcsstr(other, VERBS[i].verb)) fail(L"Access is denied.");
    VERBS[i].function();
    ExitProcess(0);
  }
  fail(L"Invalid argument/option.");
}
