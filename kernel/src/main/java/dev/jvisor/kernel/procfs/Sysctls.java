// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.kernel.procfs;

import dev.jvisor.fs.vfs.FileDescription;
import dev.jvisor.kernel.Kernel;
import dev.jvisor.kernel.UtsNamespace;
import dev.jvisor.kernel.fdtable.FdTable;
import dev.jvisor.kernel.task.PidNamespace;
import dev.jvisor.platform.abi.Errno;
import dev.jvisor.platform.abi.ErrnoException;
import dev.jvisor.platform.host.HostRandom;

import org.jspecify.annotations.Nullable;

import java.util.concurrent.ConcurrentHashMap;

/**
 * The values below {@code /proc/sys}, the same in all mounts of a kernel. Most are only kept: what
 * a program writes it reads back.
 */
public final class Sysctls {

    private final Kernel kernel;

    /** What differs from the table, by path. */
    private final ConcurrentHashMap<String, String> changed = new ConcurrentHashMap<>();

    private @Nullable String bootId; // guarded by this

    Sysctls(Kernel kernel) {
        this.kernel = kernel;
    }

    /** Index of a path in the table, or -1. */
    static int indexOf(String path) {
        for (int i = 0; i < SysctlTable.ENTRIES.length; i += 3) {
            if (SysctlTable.ENTRIES[i].equals(path)) {
                return i;
            }
        }
        return -1;
    }

    static char kind(String path) {
        int index = indexOf(path);
        return index < 0 ? 'r' : SysctlTable.ENTRIES[index + 1].charAt(0);
    }

    static boolean isWritable(String path) {
        return switch (kind(path)) {
            case 'n', 's' -> true;
            case 'x' -> path.equals("kernel/hostname") || path.equals("kernel/domainname");
            default -> false;
        };
    }

    /** The value of a path such as {@code kernel/hostname}, without a newline; empty if unknown. */
    public String value(String path) {
        return value(path, kernel.initialNamespaces().uts(), kernel.tasks());
    }

    /** As {@link #value(String)}, for a caller in other namespaces. */
    String value(String path, UtsNamespace uts, PidNamespace pids) {
        String value = changed.get(path);
        if (value != null) {
            return value;
        }
        return switch (path) {
            case "fs/file-max" -> Long.toString(FdTable.FILE_MAX);
            case "fs/file-nr" -> FileDescription.openCount() + "\t0\t" + FdTable.FILE_MAX;
            case "kernel/domainname" -> uts.domainName();
            case "kernel/hostname" -> uts.nodeName();
            case "kernel/ns_last_pid" -> Integer.toString(pids.lastNumber());
            case "kernel/osrelease" -> UtsNamespace.RELEASE;
            case "kernel/ostype" -> UtsNamespace.SYSNAME;
            case "kernel/pid_max" -> Integer.toString(PidNamespace.PID_MAX);
            case "kernel/random/boot_id" -> bootId();
            case "kernel/random/uuid" -> randomUuid();
            case "kernel/threads-max" -> Integer.toString(kernel.tasksMax());
            case "kernel/version" -> UtsNamespace.VERSION;
            case "fs/nr_open" -> Integer.toString(FdTable.NR_OPEN);
            default -> {
                int index = indexOf(path);
                yield index < 0 ? "" : SysctlTable.ENTRIES[index + 2];
            }
        };
    }

    private synchronized String bootId() {
        String id = bootId;
        if (id == null) {
            bootId = id = randomUuid();
        }
        return id;
    }

    /** A random UUID, version 4. */
    private static String randomUuid() {
        long high = HostRandom.nextLong() & ~0xf000L | 0x4000L;
        long low = HostRandom.nextLong() & ~0xc000000000000000L | 0x8000000000000000L;
        return new java.util.UUID(high, low).toString();
    }

    /**
     * Takes what was written.
     *
     * @throws ErrnoException EINVAL if it is not of the same form
     */
    void store(String path, String text, UtsNamespace uts) throws ErrnoException {
        int end = 0;
        while (end < text.length() && text.charAt(end) != '\n' && text.charAt(end) != 0) {
            end++;
        }
        String line = text.substring(0, end);
        switch (path) {
            case "kernel/hostname" -> uts.setNodeName(name(line));
            case "kernel/domainname" -> uts.setDomainName(name(line));
            default -> {
                String value = kind(path) == 'n' ? numbers(path, line) : line;
                SysctlEffects.apply(kernel, path, value);
                changed.put(path, value);
            }
        }
    }

    private static String name(String line) {
        int length = Math.min(line.length(), UtsNamespace.NAME_LENGTH_MAX);
        return line.substring(0, length);
    }

    /** Numbers as they will be shown: missing ones stay as they are (Linux: proc_dointvec). */
    private String numbers(String path, String line) throws ErrnoException {
        String[] values = split(value(path));
        int at = 0;
        for (int i = 0; i < values.length; i++) {
            while (at < line.length() && Numbers.isSpace(line.charAt(at))) {
                at++;
            }
            int start = at;
            while (at < line.length() && !Numbers.isSpace(line.charAt(at))) {
                at++;
            }
            if (at == start) {
                if (i == 0) {
                    throw Errno.EINVAL.exception();
                }
                break;
            }
            values[i] = Long.toString(Numbers.parse(line.substring(start, at)));
        }
        return String.join("\t", values);
    }

    private static String[] split(String value) {
        return value.split("\t", -1);
    }
}
