// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.kernel.sysfs;

import dev.jvisor.fs.kernfs.KernfsFilesystem;
import dev.jvisor.fs.kernfs.TableDirectory;
import dev.jvisor.fs.vfs.Inode;
import dev.jvisor.kernel.procfs.MachineInfo;
import dev.jvisor.platform.abi.MountFlags;

/** A mounted sysfs. */
public final class SysFilesystem extends KernfsFilesystem {

    private static final int BLOCK_BYTES = 4096;

    private final TableDirectory root;

    SysFilesystem(MachineInfo machine, long bornNanos) {
        super(MountFlags.SYSFS_MAGIC, BLOCK_BYTES, bornNanos);
        this.root =
                new TableDirectory(this, new SysTree(this, machine), "", ROOT_NUMBER, ROOT_NUMBER);
    }

    @Override
    public String type() {
        return "sysfs";
    }

    @Override
    public Inode root() {
        return root;
    }
}
