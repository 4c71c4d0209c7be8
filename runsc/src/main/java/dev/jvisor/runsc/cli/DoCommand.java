// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.runsc.cli;

import dev.jvisor.runsc.ByteStrings;
import dev.jvisor.runsc.boot.Sandbox;
import dev.jvisor.runsc.boot.SandboxConfig;

import org.jspecify.annotations.Nullable;

import java.io.File;
import java.util.ArrayList;
import java.util.List;

/** {@code runsc do}: one program in a throw-away sandbox over a host directory. */
final class DoCommand implements Command {

    private String root = "/";
    private @Nullable String workingDirectory;
    private final List<String> environment = new ArrayList<>(0);
    private long memoryBytes;

    @Override
    public String name() {
        return "do";
    }

    @Override
    public String summary() {
        return "Run a program in a throw-away sandbox: it sees "
                + "the host's files (or --root), read-only"
                + " under a memory overlay.";
    }

    @Override
    public String operands() {
        return "CMD [ARG...]";
    }

    @Override
    public List<Option> options() {
        return List.of(
                Option.value("--root", "DIR", "Host directory that becomes the root (default /)."),
                Option.value(
                        "--cwd",
                        "DIR",
                        "Working directory in the sandbox (default: the current one)."),
                Option.value(
                        "--env", "NAME=VALUE", "Set an environment variable; may be repeated."),
                Option.value(
                        "--memory",
                        "SIZE",
                        "Memory that programs may have: bytes, or with k, m or g"
                                + " (default: four fifths of what the host has available)."));
    }

    @Override
    public boolean stopsAtOperand() {
        return true;
    }

    @Override
    public void set(String option, String value) throws RunscException {
        switch (option) {
            case "--root" -> root = value;
            case "--cwd" -> workingDirectory = value;
            case "--env" -> {
                if (value.indexOf('=') <= 0) {
                    throw new RunscException("--env takes NAME=VALUE, not '" + value + "'");
                }
                environment.add(value);
            }
            case "--memory" -> memoryBytes = bytes(value);
            default -> throw new RunscException("unknown flag " + option);
        }
    }

    @Override
    public int run(GlobalOptions global, List<String> operands) throws RunscException {
        if (operands.isEmpty()) {
            throw new RunscException("do: no program given; usage: runsc do CMD [ARG...]");
        }
        SandboxConfig config = new SandboxConfig();
        config.rootPath = new File(root).getAbsolutePath();
        if (!new File(config.rootPath).isDirectory()) {
            throw new RunscException("do: --root " + root + " is not a directory");
        }
        config.arguments = operands;
        config.environment = mergedEnvironment();
        config.workingDirectory = chooseWorkingDirectory(config.rootPath);
        config.memoryBytes = memoryBytes;
        config.addDefaultMounts();
        config.terminalOfUser = true;
        return Sandbox.run(config, global);
    }

    private static long bytes(String text) throws RunscException {
        int last = text.isEmpty() ? -1 : "kmg".indexOf(text.charAt(text.length() - 1) | 0x20);
        String digits = last < 0 ? text : text.substring(0, text.length() - 1);
        try {
            long number = Long.parseLong(digits);
            int shift = 10 * (last + 1);
            if (number > 0 && number <= Long.MAX_VALUE >> shift) {
                return number << shift;
            }
        } catch (NumberFormatException e) {
            // Told below.
        }
        throw new RunscException(
                "--memory takes a number of bytes, with k, m or g behind it, not '" + text + "'");
    }

    private String chooseWorkingDirectory(String rootPath) {
        if (workingDirectory != null) {
            return workingDirectory;
        }
        String current = System.getProperty("user.dir", "/");
        return rootPath.equals("/") || new File(rootPath + current).isDirectory() ? current : "/";
    }

    private List<String> mergedEnvironment() {
        List<String> inherited = ByteStrings.environment();
        List<String> merged = new ArrayList<>(inherited.size() + environment.size());
        for (int i = 0; i < inherited.size(); i++) {
            if (!isOverridden(inherited.get(i))) {
                merged.add(inherited.get(i));
            }
        }
        merged.addAll(environment);
        return merged;
    }

    /** Whether --env sets the variable of an inherited {@code NAME=VALUE}. */
    private boolean isOverridden(String inherited) {
        String name = inherited.substring(0, inherited.indexOf('=') + 1);
        for (int i = 0; i < environment.size(); i++) {
            if (environment.get(i).startsWith(name)) {
                return true;
            }
        }
        return false;
    }
}
