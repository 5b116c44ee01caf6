# PowerShell completion for foundry-credential-helper
# Load it now:  foundry-credential-helper completion powershell | Out-String | Invoke-Expression
# For good:     add that line to the file that $PROFILE names
Register-ArgumentCompleter -Native -CommandName 'foundry-credential-helper', 'foundry-credential-helper.exe' -ScriptBlock {
    param($wordToComplete, $commandAst, $cursorPosition)
    $words = @{
        '' = @(@{ Word = 'login'; Text = 'sign in; a page in the browser guides you through it' }, @{ Word = 'logout'; Text = 'sign out: remove the sign-in, or the API key, from the keystore' }, @{ Word = 'status'; Text = 'show who''s signed in, and what the agent is doing' }, @{ Word = 'token'; Text = 'print a token for scripts; never asks to sign in' }, @{ Word = 'agent'; Text = 'the background agent that keeps you signed in' }, @{ Word = 'claude-desktop'; Text = 'set up Claude Desktop on this computer, without device management' }, @{ Word = 'exec'; Text = 'run a command with a token endpoint for Azure SDKs (needs "allowTokenEndpoint")' }, @{ Word = 'headers'; Text = 'print an HTTP header with a token as JSON, for "headersHelper" settings; never asks to sign in' }, @{ Word = 'git-credential'; Text = 'answer Git as a credential helper, for one host and over https only' }, @{ Word = 'claude-code'; Text = 'set up Claude Code to get its tokens here' }, @{ Word = 'doctor'; Text = 'check why Claude Desktop can''t get a token (exits 1 if a check fails)' }, @{ Word = 'report'; Text = 'write one file for support: versions, settings, findings, and log, without secrets' }, @{ Word = 'config'; Text = 'the settings and where they come from' }, @{ Word = 'completion'; Text = 'print a shell completion script' }, @{ Word = 'version'; Text = 'print the version and what it was built from' }, @{ Word = '--version'; Text = 'print the version' }, @{ Word = '--help'; Text = 'display help for command' })
        'login' = @(@{ Word = '--no-browser'; Text = 'only print the code and the address (the default over SSH)' }, @{ Word = '--method'; Text = 'how to sign in this time (default: as configured)' }, @{ Word = '--api-key'; Text = 'read an API key from standard input instead (if "credential" is "api-key")' }, @{ Word = '--resource'; Text = 'also do the step that Entra requires for this resource of "allowedResources"' }, @{ Word = '--json'; Text = 'print JSON for scripts' }, @{ Word = '--help'; Text = 'display help for command' })
        'logout' = @(@{ Word = '--json'; Text = 'print JSON for scripts' }, @{ Word = '--help'; Text = 'display help for command' })
        'status' = @(@{ Word = '--json'; Text = 'print JSON for scripts' }, @{ Word = '--mdm'; Text = 'print one word for device management, and the reason on stderr: exit 0, or 1 if an admin must act' }, @{ Word = '--help'; Text = 'display help for command' })
        'token' = @(@{ Word = '--format'; Text = 'how to print it: bare, JSON, an HTTP header, or for a shell''s "eval"' }, @{ Word = '--json'; Text = 'the same as --format json: with expiry and account' }, @{ Word = '--resource'; Text = 'a resource of "allowedResources" (default: the configured "scope")' }, @{ Word = '--help'; Text = 'display help for command' })
        'agent' = @(@{ Word = 'run'; Text = 'run the agent in the foreground' }, @{ Word = 'start'; Text = 'start the agent in the background if it isn''t running' }, @{ Word = 'stop'; Text = 'stop the agent; you stay signed in' }, @{ Word = 'status'; Text = 'show whether the agent is running (exit 0 if so, 6 if not), and what starts it when you log in' }, @{ Word = 'install'; Text = 'start the agent now, and whenever you log in' }, @{ Word = 'uninstall'; Text = 'stop the agent, and don''t start it when you log in; you stay signed in' }, @{ Word = '--help'; Text = 'display help for command' })
        'agent run' = @(@{ Word = '--help'; Text = 'display help for command' })
        'agent start' = @(@{ Word = '--help'; Text = 'display help for command' })
        'agent stop' = @(@{ Word = '--help'; Text = 'display help for command' })
        'agent status' = @(@{ Word = '--json'; Text = 'print JSON for scripts' }, @{ Word = '--help'; Text = 'display help for command' })
        'agent install' = @(@{ Word = '--help'; Text = 'display help for command' })
        'agent uninstall' = @(@{ Word = '--purge'; Text = 'also remove the sign-in, API keys, state, logs, and caches; your config.json stays' }, @{ Word = '--help'; Text = 'display help for command' })
        'claude-desktop' = @(@{ Word = 'configure'; Text = 'set up your Claude Desktop to take its tokens from here, using a local profile' }, @{ Word = 'status'; Text = 'show what your Claude Desktop uses, and whether it works (exit 0 if it takes its tokens from here, 3 if not)' }, @{ Word = 'remove'; Text = 'undo "configure"' }, @{ Word = '--help'; Text = 'display help for command' })
        'claude-desktop configure' = @(@{ Word = '--force'; Text = 'apply this profile even if another one is applied; the other one is kept' }, @{ Word = '--help'; Text = 'display help for command' })
        'claude-desktop status' = @(@{ Word = '--json'; Text = 'print JSON for scripts' }, @{ Word = '--help'; Text = 'display help for command' })
        'claude-desktop remove' = @(@{ Word = '--help'; Text = 'display help for command' })
        'exec' = @(@{ Word = '--help'; Text = 'display help for command' })
        'headers' = @(@{ Word = '--resource'; Text = 'a resource of "allowedResources" (default: the configured "scope")' }, @{ Word = '--help'; Text = 'display help for command' })
        'git-credential' = @(@{ Word = '--host'; Text = 'the only host, with its port if it has one, that gets the token' }, @{ Word = '--resource'; Text = 'the resource of "allowedResources" that the server at that host takes tokens for' }, @{ Word = '--help'; Text = 'display help for command' })
        'claude-code' = @(@{ Word = 'configure'; Text = 'have Claude Code take its tokens from this program (~/.claude/settings.json, which is backed up)' }, @{ Word = 'remove'; Text = 'undo "configure"; everything else in the file stays' }, @{ Word = 'status'; Text = 'show whether Claude Code uses this program, and what overrides it (exit 0 if it does, 3 if not)' }, @{ Word = 'token'; Text = 'print a token for Claude Code (a new one if the last was rejected)' }, @{ Word = '--help'; Text = 'display help for command' })
        'claude-code configure' = @(@{ Word = '--user'; Text = 'change your own settings (the default); for managed settings, use "foundry-credential-helper config export FOLDER"' }, @{ Word = '--base-url'; Text = 'use this address instead of the configured one: a private endpoint or gateway, with its path' }, @{ Word = '--force'; Text = 'replace another "apiKeyHelper"' }, @{ Word = '--help'; Text = 'display help for command' })
        'claude-code remove' = @(@{ Word = '--user'; Text = 'change your own settings (the default); for managed settings, use "foundry-credential-helper config export FOLDER"' }, @{ Word = '--help'; Text = 'display help for command' })
        'claude-code status' = @(@{ Word = '--json'; Text = 'print JSON for scripts' }, @{ Word = '--help'; Text = 'display help for command' })
        'claude-code token' = @(@{ Word = '--help'; Text = 'display help for command' })
        'doctor' = @(@{ Word = '--live'; Text = 'also send one message to each deployment (costs one output token each)' }, @{ Word = '--explain'; Text = 'only explain an error code of Entra, such as AADSTS50105, or of this program' }, @{ Word = '--json'; Text = 'print JSON for scripts' }, @{ Word = '--help'; Text = 'display help for command' })
        'report' = @(@{ Word = '--help'; Text = 'display help for command' })
        'config' = @(@{ Word = 'show'; Text = 'show each setting, its value, and where it comes from' }, @{ Word = 'validate'; Text = 'check this computer''s settings, or files with settings for this program or Claude Desktop (exits 1 if something is wrong)' }, @{ Word = 'init'; Text = 'ask for the settings and write them to your config.json' }, @{ Word = 'export'; Text = 'write managed settings for this program, Claude Desktop, and Claude Code, for all systems' }, @{ Word = '--help'; Text = 'display help for command' })
        'config show' = @(@{ Word = '--json'; Text = 'print JSON for scripts' }, @{ Word = '--help'; Text = 'display help for command' })
        'config validate' = @(@{ Word = '--desktop-version'; Text = 'check the settings against this version of Claude Desktop' }, @{ Word = '--json'; Text = 'print JSON for scripts' }, @{ Word = '--help'; Text = 'display help for command' })
        'config init' = @(@{ Word = '--help'; Text = 'display help for command' })
        'config export' = @(@{ Word = '--provider'; Text = 'fail unless Claude Desktop''s provider is this one; "credential" decides: gateway for Entra, foundry for an API key' }, @{ Word = '--answers'; Text = 'JSON like config.json; overrides the configuration' }, @{ Word = '--set'; Text = 'one setting; overrides everything else; may be repeated' }, @{ Word = '--helper-macos'; Text = 'where the program is installed on macOS' }, @{ Word = '--helper-windows'; Text = 'where the program is installed on Windows' }, @{ Word = '--helper-linux'; Text = 'where the program is installed on Linux' }, @{ Word = '--force'; Text = 'replace existing files' }, @{ Word = '--json'; Text = 'print JSON for scripts' }, @{ Word = '--help'; Text = 'display help for command' })
        'completion' = @(@{ Word = 'bash'; Text = 'bash' }, @{ Word = 'zsh'; Text = 'zsh' }, @{ Word = 'fish'; Text = 'fish' }, @{ Word = 'powershell'; Text = 'powershell' }, @{ Word = '--help'; Text = 'display help for command' })
        'version' = @(@{ Word = '--json'; Text = 'print JSON for scripts' }, @{ Word = '--help'; Text = 'display help for command' })
    }
    $values = @{
        'login --method' = @(@{ Word = 'device-code'; Text = 'device-code' }, @{ Word = 'browser'; Text = 'browser' }, @{ Word = 'broker'; Text = 'broker' })
        'login --resource' = @()
        'token --format' = @(@{ Word = 'bearer'; Text = 'bearer' }, @{ Word = 'json'; Text = 'json' }, @{ Word = 'header'; Text = 'header' }, @{ Word = 'env'; Text = 'env' })
        'token --resource' = @()
        'headers --resource' = @()
        'git-credential --host' = @()
        'git-credential --resource' = @()
        'claude-code configure --base-url' = @()
        'doctor --explain' = @()
        'config validate --desktop-version' = @()
        'config export --provider' = @(@{ Word = 'gateway'; Text = 'gateway' }, @{ Word = 'foundry'; Text = 'foundry' })
        'config export --answers' = @()
        'config export --set' = @()
        'config export --helper-macos' = @()
        'config export --helper-windows' = @()
        'config export --helper-linux' = @()
    }
    $path = ''
    $previous = ''
    foreach ($element in $commandAst.CommandElements | Select-Object -Skip 1) {
        if ($element.Extent.EndOffset -ge $cursorPosition -and $wordToComplete -ne '') { break }
        $previous = $element.ToString()
        $longer = "$path $previous".Trim()
        if ($words.ContainsKey($longer)) { $path = $longer }
    }
    $option = ''
    $typed = $wordToComplete
    if ($typed -match '^(--[^=]+)=(.*)$') { $previous = $Matches[1]; $option = "$previous="; $typed = $Matches[2] }
    $key = "$path $previous".Trim()
    $candidates = if ($values.ContainsKey($key)) { $values[$key] } elseif ($option -eq '') { $words[$path] }
    $candidates | Where-Object { $_.Word.StartsWith($typed, 'OrdinalIgnoreCase') } | ForEach-Object {
        [System.Management.Automation.CompletionResult]::new("$option$($_.Word)", $_.Word, 'ParameterValue', $_.Text)
    }
}
