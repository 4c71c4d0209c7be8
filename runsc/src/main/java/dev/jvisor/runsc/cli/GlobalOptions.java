// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.runsc.cli;

import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.List;

/** Flags in front of the command. */
public final class GlobalOptions {

    /** Their description, for the parser and for help. */
    public static final List<Option> OPTIONS = List.of(
            Option.value(
                    "--platform", "NAME", "How guest code is run: ptrace (the default), systrap."),
            Option.flag(
                    "--systrap-disable-syscall-patching",
                    "Platform systrap: do not rewrite call sites in programs."),
            Option.value("--network", "MODE", "Network of the sandbox: none (the default)."),
            Option.value("--root", "DIR", "Where the state of containers is kept."),
            Option.flag("--debug", "Log what the sandbox does."),
            Option.value(
                    "--debug-log",
                    "FILE",
                    "Write that log and strace output to FILE, not to stderr."),
            Option.flag("--strace", "Print the system calls of the guest as strace(1) does."),
            Option.value(
                    "--strace-syscalls", "NAMES", "Print only these calls, separated by commas."),
            Option.value(
                    "--syscalls-path",
                    "PATH",
                    "Add the system call handlers of a jar or class directory."),
            Option.flag("--version", "Print the version."),
            Option.flag("--help", "Print this help."));

    private String platform = "ptrace";
    private boolean syscallPatching = true;
    private boolean debug;
    private @Nullable String debugLog;
    private boolean strace;
    private @Nullable String straceSyscalls;
    private @Nullable String stateRoot;
    private boolean version;
    private boolean help;
    private final List<String> syscallPaths = new ArrayList<>(0);

    /** Takes a flag. */
    void set(String option, String value) throws RunscException {
        switch (option) {
            case "--platform" -> {
                if (!value.equals("ptrace") && !value.equals("systrap")) {
                    throw new RunscException(
                            "unknown platform '" + value + "'; --platform takes: ptrace, systrap");
                }
                platform = value;
            }
            case "--systrap-disable-syscall-patching" -> syscallPatching = false;
            case "--network" -> {
                if (!value.equals("none")) {
                    throw new RunscException(
                            "network '" + value + "' is not served; --network takes: none");
                }
            }
            case "--root" -> stateRoot = value;
            case "--debug" -> debug = true;
            case "--debug-log" -> debugLog = value;
            case "--strace" -> strace = true;
            case "--strace-syscalls" -> {
                strace = true;
                straceSyscalls = value;
            }
            case "--syscalls-path" -> syscallPaths.add(value);
            case "--version" -> version = true;
            case "--help" -> help = true;
            default -> throw new RunscException("unknown flag " + option + "; see 'runsc help'");
        }
    }

    /** Whether platform systrap may rewrite call sites. */
    public boolean syscallPatching() {
        return syscallPatching;
    }

    /** Name of the platform: ptrace or systrap. */
    public String platform() {
        return platform;
    }

    public boolean debug() {
        return debug;
    }

    public @Nullable String debugLog() {
        return debugLog;
    }

    public boolean strace() {
        return strace;
    }

    /** Comma-separated names, or null for all. */
    public @Nullable String straceSyscalls() {
        return straceSyscalls;
    }

    public List<String> syscallPaths() {
        return syscallPaths;
    }

    boolean version() {
        return version;
    }

    boolean help() {
        return help;
    }

    /**
     * The state directory: {@code --root}, else {@code $XDG_RUNTIME_DIR/runsc}, else
     * /var/run/runsc.
     */
    public String stateRoot() {
        if (stateRoot != null) {
            return stateRoot;
        }
        String runtimeDirectory = System.getenv("XDG_RUNTIME_DIR");
        return runtimeDirectory != null && !runtimeDirectory.isEmpty()
                ? runtimeDirectory + "/runsc"
                : "/var/run/runsc";
    }
}
