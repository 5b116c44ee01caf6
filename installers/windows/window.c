/*
 * The launcher's --dialog-window: a window that a dialog of the system can belong to. The program itself has none, and a
 * dialog without one opens behind the others, where Alt+Tab doesn't show it either.
 *
 * It's one pixel in the middle of the screen with the active window, above all others, and has a button on the taskbar.
 * Windows keeps a dialog above the window that it belongs to, so it comes to the front even if Windows refuses to let
 * this process activate a window. Then the button flashes.
 *
 * Writes the window's handle as a line, in decimal, to standard output. Ends when standard input does: with the program
 * that waits for the dialog. Another app's window would do too, but the dialog would block that app.
 */
#define UNICODE
#include <windows.h>

/* In launcher.c. */
FARPROC system_function(const WCHAR *library, const char *name);
void print(const WCHAR *text);
const WCHAR *decimal(DWORD number);

/* The icon of all of this program's executables: withProductResources in executable.ts. */
#define ICON MAKEINTRESOURCEW(1)

#define USER32(name) ((name##Function)(void *)system_function(L"user32.dll", #name))
typedef HWND(WINAPI *CreateWindowExWFunction)(DWORD, LPCWSTR, LPCWSTR, DWORD, int, int, int, int, HWND, HMENU, HINSTANCE,
                                              LPVOID);
typedef HWND(WINAPI *GetForegroundWindowFunction)(void);
typedef HMONITOR(WINAPI *MonitorFromWindowFunction)(HWND, DWORD);
typedef BOOL(WINAPI *GetMonitorInfoWFunction)(HMONITOR, LPMONITORINFO);
typedef BOOL(WINAPI *SetForegroundWindowFunction)(HWND);
typedef BOOL(WINAPI *FlashWindowFunction)(HWND, BOOL);
typedef HICON(WINAPI *LoadIconWFunction)(HINSTANCE, LPCWSTR);
typedef LRESULT(WINAPI *SendMessageWFunction)(HWND, UINT, WPARAM, LPARAM);
typedef BOOL(WINAPI *GetMessageWFunction)(LPMSG, HWND, UINT, UINT);
typedef LRESULT(WINAPI *DispatchMessageWFunction)(const MSG *);

static MONITORINFO monitor = {.cbSize = sizeof monitor};
static MSG message;

static DWORD WINAPI end_with_input(LPVOID unused) {
  char byte;
  DWORD count;
  (void)unused;
  while (ReadFile(GetStdHandle(STD_INPUT_HANDLE), &byte, 1, &count, NULL) && count > 0) continue;
  ExitProcess(0);
}

/* Without a screen, the window is in the corner. */
static POINT middle(void) {
  const HMONITOR found = USER32(MonitorFromWindow)(USER32(GetForegroundWindow)(), MONITOR_DEFAULTTOPRIMARY);
  if (!USER32(GetMonitorInfoW)(found, &monitor)) return (POINT){0, 0};
  const RECT area = monitor.rcWork;
  return (POINT){(area.left + area.right) / 2, (area.top + area.bottom) / 2};
}

/* Doesn't return. The exit code is the number of Windows' error, if there's no window. */
void serve_dialog_window(void) {
  const POINT place = middle();
  /* A class of Windows, so this needs no window procedure. */
  const HWND window =
      USER32(CreateWindowExW)(WS_EX_TOPMOST | WS_EX_APPWINDOW, L"STATIC", L"Foundry Credential Helper", WS_POPUP | WS_VISIBLE,
                              place.x, place.y, 1, 1, NULL, NULL, NULL, NULL);
  if (window == NULL) ExitProcess(GetLastError());
  const HICON icon = USER32(LoadIconW)(GetModuleHandleW(NULL), ICON);
  if (icon != NULL) USER32(SendMessageW)(window, WM_SETICON, ICON_BIG, (LPARAM)icon);
  if (!USER32(SetForegroundWindow)(window)) USER32(FlashWindow)(window, TRUE);
  /* A handle has 32 significant bits: https://learn.microsoft.com/windows/win32/winprog64/interprocess-communication */
  print(decimal((DWORD)(ULONG_PTR)window));
  print(L"\n");
  CloseHandle(CreateThread(NULL, 0, end_with_input, NULL, 0, NULL));
  /* The dialog shares this thread's input: if nothing took its messages, the dialog would hang too. */
  const GetMessageWFunction get = USER32(GetMessageW);
  const DispatchMessageWFunction dispatch = USER32(DispatchMessageW);
  while (get(&message, NULL, 0, 0) > 0) dispatch(&message);
  ExitProcess(0);
}
