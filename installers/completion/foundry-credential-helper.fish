# fish completion for foundry-credential-helper
# Load it now:  foundry-credential-helper completion fish | source
# For good:     foundry-credential-helper completion fish > ~/.config/fish/completions/foundry-credential-helper.fish
function __foundry_credential_helper_at
    set -l path
    for word in (commandline -opc)[2..-1]
        if contains -- (string join ' ' $path $word) 'login' 'logout' 'status' 'token' 'agent' 'agent run' 'agent start' 'agent stop' 'agent status' 'agent install' 'agent uninstall' 'doctor' 'report' 'config' 'config show' 'config validate' 'config init' 'config export' 'completion' 'version'
            set path $path $word
        end
    end
    set -l joined (string join ' ' $path)
    test "$joined" = "$argv"
end
complete -c foundry-credential-helper -f
complete -c foundry-credential-helper -n '__foundry_credential_helper_at' -a 'login' -d 'sign in; opens a page in the browser that leads through it'
complete -c foundry-credential-helper -n '__foundry_credential_helper_at' -a 'logout' -d 'sign out: remove the sign-in, or the API key, from the keystore'
complete -c foundry-credential-helper -n '__foundry_credential_helper_at' -a 'status' -d 'who is signed in, and what the agent is doing'
complete -c foundry-credential-helper -n '__foundry_credential_helper_at' -a 'token' -d 'print a token for scripts; never asks to sign in'
complete -c foundry-credential-helper -n '__foundry_credential_helper_at' -a 'agent' -d 'the resident agent that keeps the sign-in'
complete -c foundry-credential-helper -n '__foundry_credential_helper_at' -a 'doctor' -d 'find out what keeps Claude Desktop from its token: exit 0 if nothing does, 1 if something'
complete -c foundry-credential-helper -n '__foundry_credential_helper_at' -a 'report' -d 'write one file for support: versions, settings, findings and log, without secrets'
complete -c foundry-credential-helper -n '__foundry_credential_helper_at' -a 'config' -d 'the settings and where they come from'
complete -c foundry-credential-helper -n '__foundry_credential_helper_at' -a 'completion' -d 'print the script that completes this program\'s words in a shell'
complete -c foundry-credential-helper -n '__foundry_credential_helper_at' -a 'version' -d 'print the version and what it was built from'
complete -c foundry-credential-helper -n '__foundry_credential_helper_at' -l version -d 'print the version'
complete -c foundry-credential-helper -n '__foundry_credential_helper_at' -l help -d 'display help for command'
complete -c foundry-credential-helper -n '__foundry_credential_helper_at login' -l no-browser -d 'only print the code and the address (always so over SSH)'
complete -c foundry-credential-helper -n '__foundry_credential_helper_at login' -l method -x -a 'device-code browser' -d 'how to sign in, this once (else as configured)'
complete -c foundry-credential-helper -n '__foundry_credential_helper_at login' -l api-key -d 'read an API key from standard input instead (where "credential" is "api-key")'
complete -c foundry-credential-helper -n '__foundry_credential_helper_at login' -l json -d 'print JSON for scripts'
complete -c foundry-credential-helper -n '__foundry_credential_helper_at login' -l help -d 'display help for command'
complete -c foundry-credential-helper -n '__foundry_credential_helper_at logout' -l json -d 'print JSON for scripts'
complete -c foundry-credential-helper -n '__foundry_credential_helper_at logout' -l help -d 'display help for command'
complete -c foundry-credential-helper -n '__foundry_credential_helper_at status' -l json -d 'print JSON for scripts'
complete -c foundry-credential-helper -n '__foundry_credential_helper_at status' -l help -d 'display help for command'
complete -c foundry-credential-helper -n '__foundry_credential_helper_at token' -l json -d 'print JSON with expiry and account'
complete -c foundry-credential-helper -n '__foundry_credential_helper_at token' -l help -d 'display help for command'
complete -c foundry-credential-helper -n '__foundry_credential_helper_at agent' -a 'run' -d 'become the agent, in the foreground'
complete -c foundry-credential-helper -n '__foundry_credential_helper_at agent' -a 'start' -d 'start the agent in the background if none runs'
complete -c foundry-credential-helper -n '__foundry_credential_helper_at agent' -a 'stop' -d 'stop the agent; the sign-in stays'
complete -c foundry-credential-helper -n '__foundry_credential_helper_at agent' -a 'status' -d 'whether the agent runs (exit 0 if so, 6 if not), and what starts it at log-in'
complete -c foundry-credential-helper -n '__foundry_credential_helper_at agent' -a 'install' -d 'have the system start the agent at log-in, and start it now'
complete -c foundry-credential-helper -n '__foundry_credential_helper_at agent' -a 'uninstall' -d 'no longer start it at log-in, and stop it; the sign-in stays'
complete -c foundry-credential-helper -n '__foundry_credential_helper_at agent' -l help -d 'display help for command'
complete -c foundry-credential-helper -n '__foundry_credential_helper_at agent run' -l help -d 'display help for command'
complete -c foundry-credential-helper -n '__foundry_credential_helper_at agent start' -l help -d 'display help for command'
complete -c foundry-credential-helper -n '__foundry_credential_helper_at agent stop' -l help -d 'display help for command'
complete -c foundry-credential-helper -n '__foundry_credential_helper_at agent status' -l json -d 'print JSON for scripts'
complete -c foundry-credential-helper -n '__foundry_credential_helper_at agent status' -l help -d 'display help for command'
complete -c foundry-credential-helper -n '__foundry_credential_helper_at agent install' -l help -d 'display help for command'
complete -c foundry-credential-helper -n '__foundry_credential_helper_at agent uninstall' -l purge -d 'also remove the sign-in, API keys, state, logs and caches; your config.json stays'
complete -c foundry-credential-helper -n '__foundry_credential_helper_at agent uninstall' -l help -d 'display help for command'
complete -c foundry-credential-helper -n '__foundry_credential_helper_at doctor' -l live -d 'also send one message to each deployment (costs one output token each)'
complete -c foundry-credential-helper -n '__foundry_credential_helper_at doctor' -l explain -x -d 'only explain an error of Entra, such as AADSTS50105, or of this program'
complete -c foundry-credential-helper -n '__foundry_credential_helper_at doctor' -l json -d 'print JSON for scripts'
complete -c foundry-credential-helper -n '__foundry_credential_helper_at doctor' -l help -d 'display help for command'
complete -c foundry-credential-helper -n '__foundry_credential_helper_at report' -F
complete -c foundry-credential-helper -n '__foundry_credential_helper_at report' -l help -d 'display help for command'
complete -c foundry-credential-helper -n '__foundry_credential_helper_at config' -a 'show' -d 'every setting, its value and its origin'
complete -c foundry-credential-helper -n '__foundry_credential_helper_at config' -a 'validate' -d 'check the settings, or files for them and for Claude Desktop\'s: exit 1 when something is wrong'
complete -c foundry-credential-helper -n '__foundry_credential_helper_at config' -a 'init' -d 'ask for the settings and write them to your config.json'
complete -c foundry-credential-helper -n '__foundry_credential_helper_at config' -a 'export' -d 'write managed settings for this program and Claude Desktop, for all platforms'
complete -c foundry-credential-helper -n '__foundry_credential_helper_at config' -l help -d 'display help for command'
complete -c foundry-credential-helper -n '__foundry_credential_helper_at config show' -l json -d 'print JSON for scripts'
complete -c foundry-credential-helper -n '__foundry_credential_helper_at config show' -l help -d 'display help for command'
complete -c foundry-credential-helper -n '__foundry_credential_helper_at config validate' -F
complete -c foundry-credential-helper -n '__foundry_credential_helper_at config validate' -l json -d 'print JSON for scripts'
complete -c foundry-credential-helper -n '__foundry_credential_helper_at config validate' -l help -d 'display help for command'
complete -c foundry-credential-helper -n '__foundry_credential_helper_at config init' -l help -d 'display help for command'
complete -c foundry-credential-helper -n '__foundry_credential_helper_at config export' -F
complete -c foundry-credential-helper -n '__foundry_credential_helper_at config export' -l provider -x -a 'foundry gateway' -d 'Claude Desktop\'s provider'
complete -c foundry-credential-helper -n '__foundry_credential_helper_at config export' -l gateway-url -x -d 'address for --provider gateway (default: the resource, public cloud)'
complete -c foundry-credential-helper -n '__foundry_credential_helper_at config export' -l answers -r -F -d 'JSON like config.json, wins over the configuration'
complete -c foundry-credential-helper -n '__foundry_credential_helper_at config export' -l set -x -d 'one setting, wins over all; may be repeated'
complete -c foundry-credential-helper -n '__foundry_credential_helper_at config export' -l helper-macos -r -F -d 'where the binary stands on macOS'
complete -c foundry-credential-helper -n '__foundry_credential_helper_at config export' -l helper-windows -r -F -d 'where the binary stands on Windows'
complete -c foundry-credential-helper -n '__foundry_credential_helper_at config export' -l helper-linux -r -F -d 'where the binary stands on Linux'
complete -c foundry-credential-helper -n '__foundry_credential_helper_at config export' -l force -d 'replace existing files'
complete -c foundry-credential-helper -n '__foundry_credential_helper_at config export' -l json -d 'print JSON for scripts'
complete -c foundry-credential-helper -n '__foundry_credential_helper_at config export' -l help -d 'display help for command'
complete -c foundry-credential-helper -n '__foundry_credential_helper_at completion' -l help -d 'display help for command'
complete -c foundry-credential-helper -n '__foundry_credential_helper_at version' -l json -d 'print JSON for scripts'
complete -c foundry-credential-helper -n '__foundry_credential_helper_at version' -l help -d 'display help for command'
