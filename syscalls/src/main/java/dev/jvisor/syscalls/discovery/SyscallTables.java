// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.syscalls.discovery;

import dev.jvisor.kernel.dispatch.SyscallTable;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Where a boot gets its system call table from. */
public final class SyscallTables {

    private SyscallTables() {}

    /**
     * A table with more than we ship.
     *
     * @param extra the calls that were added or replaced
     * @param issues what was wrong with the jars; each {@code line()} is meant for the user
     */
    public record Extended(
            SyscallTable table, List<SyscallDescriptor> extra, List<DiscoveryIssue> issues) {}

    /** Returns the shipped table. On the start path: no scan, no reflection. */
    public static SyscallTable shipped() {
        SyscallTable table = new SyscallTable();
        ShippedSyscalls.fill(table);
        return table;
    }

    /**
     * Returns the shipped table extended by jars and class directories ({@code --syscalls-path}).
     */
    public static Extended withExtra(List<Path> paths) {
        SyscallTable table = shipped();
        Discovery extra = RuntimeBinder.bind(paths, table);
        return new Extended(table, extra.descriptors(), extra.issues());
    }

    /** Describes the shipped calls, by ascending number: for help and strace, not for a start. */
    public static List<SyscallDescriptor> descriptors() {
        List<SyscallDescriptor> index = SyscallIndex.load();
        return index != null
                ? index
                : SyscallScanner.scanPackage(ShippedSyscalls.PACKAGE).descriptors();
    }

    /** Describes the calls of an extended table, by ascending number. */
    public static List<SyscallDescriptor> descriptors(Extended extended) {
        List<SyscallDescriptor> all = new ArrayList<>(extended.extra());
        for (SyscallDescriptor shipped : descriptors()) {
            boolean replaced = false;
            for (SyscallDescriptor e : extended.extra()) {
                replaced |= e.number() == shipped.number();
            }
            if (!replaced) {
                all.add(shipped);
            }
        }
        all.sort((a, b) -> Integer.compare(a.number(), b.number()));
        return all;
    }
}
