// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.kernel.procfs;

import dev.jvisor.fs.kernfs.StaticDirectory;
import dev.jvisor.fs.kernfs.TextFile;

/** A directory of the root about the system: fs, bus, irq, tty, sysvipc, and those in tty. */
final class SystemDirectory extends StaticDirectory {

    private final ProcFilesystem filesystem;
    private final String name;

    SystemDirectory(ProcFilesystem filesystem, String name, long number, long parentNumber) {
        super(filesystem, number, parentNumber);
        this.filesystem = filesystem;
        this.name = name;
    }

    @Override
    protected void populate(Entries entries) {
        switch (name) {
            case "tty" -> {
                directory(entries, "driver");
                file(entries, "drivers");
                directory(entries, "ldisc");
                file(entries, "ldiscs");
            }
            case "sysvipc" -> {
                file(entries, "msg");
                file(entries, "sem");
                file(entries, "shm");
            }
            default -> {
                // empty
            }
        }
    }

    private void file(Entries entries, String entry) {
        entries.add(
                entry,
                new SystemFile(
                        filesystem,
                        name + "/" + entry,
                        filesystem.nextNumber(),
                        TextFile.READ_ONLY));
    }

    private void directory(Entries entries, String entry) {
        entries.add(
                entry, new SystemDirectory(filesystem, entry, filesystem.nextNumber(), number()));
    }
}
