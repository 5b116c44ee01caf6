using System;
using System.Runtime.InteropServices;

/// <summary>
/// .NET runs this before the program's own code, because DOTNET_STARTUP_HOOKS names it. Only for Wine.
/// </summary>
/// <remarks>
/// Wine keeps a list of its own exception handlers in the first field of the thread's block (gs:[0]), which Windows on x64
/// doesn't use. It puts a handler there while it calls the one of a stack frame, and takes it out when that returns, or
/// when RtlRestoreContext leaves the frame. .NET does neither after a catch block since version 9: it restores the
/// registers itself. So the handler stays in the list after its stack is gone, and the next exception calls what is there
/// by then. This handler comes before Wine's search and empties a list that begins with such a handler: what lies below
/// the stack pointer is gone.
/// </remarks>
internal static class StartupHook
{
    private const uint CommitAndReserve = 0x3000;
    private const uint ExecuteReadWrite = 0x40;

    // A vectored handler may not be managed code: LONG handler(EXCEPTION_POINTERS* in rcx).
    private static readonly byte[] Handler =
    [
        0x48, 0x8B, 0x41, 0x08,                               // mov rax, [rcx+8]     ContextRecord
        0x48, 0x8B, 0x80, 0x98, 0x00, 0x00, 0x00,             // mov rax, [rax+98h]   Rsp
        0x65, 0x48, 0x39, 0x04, 0x25, 0x00, 0x00, 0x00, 0x00, // cmp gs:[0], rax
        0x73, 0x0D,                                           // jae +13              its stack is in use
        0x65, 0x48, 0xC7, 0x04, 0x25, 0x00, 0x00, 0x00, 0x00, // mov gs:[0], -1       the end of the list
        0xFF, 0xFF, 0xFF, 0xFF,
        0x31, 0xC0,                                           // xor eax, eax         EXCEPTION_CONTINUE_SEARCH
        0xC3,                                                 // ret
    ];

    [DllImport("kernel32")]
    private static extern IntPtr VirtualAlloc(IntPtr address, UIntPtr size, uint type, uint protection);

    [DllImport("kernel32")]
    private static extern IntPtr AddVectoredExceptionHandler(uint first, IntPtr handler);

    public static void Initialize()
    {
        IntPtr page = VirtualAlloc(IntPtr.Zero, (UIntPtr)Handler.Length, CommitAndReserve, ExecuteReadWrite);
        Marshal.Copy(Handler, 0, page, Handler.Length);
        AddVectoredExceptionHandler(1, page);
    }
}
