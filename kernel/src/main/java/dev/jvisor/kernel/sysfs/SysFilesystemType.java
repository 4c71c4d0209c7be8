// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.kernel.sysfs;

import dev.jvisor.fs.cred.UserNamespace;
import dev.jvisor.fs.vfs.CallContext;
import dev.jvisor.fs.vfs.Filesystem;
import dev.jvisor.fs.vfs.FilesystemType;
import dev.jvisor.kernel.Kernel;
import dev.jvisor.kernel.procfs.MachineInfo;
import dev.jvisor.kernel.task.Task;

/** sysfs, for mount(2). */
public final class SysFilesystemType implements FilesystemType {

    private final Kernel kernel;
    private final MachineInfo machine;

    /** Makes the type for a kernel on this machine. */
    public SysFilesystemType(Kernel kernel) {
        this(kernel, MachineInfo.ofHost());
    }

    public SysFilesystemType(Kernel kernel, MachineInfo machine) {
        this.kernel = kernel;
        this.machine = machine;
    }

    @Override
    public String name() {
        return "sysfs";
    }

    @Override
    public boolean allowsUserNamespaces() {
        return true;
    }

    /** That of the network whose devices it shows. */
    @Override
    public UserNamespace ruler(CallContext context) {
        return context instanceof Task task ? task.net().owner() : UserNamespace.INITIAL;
    }

    @Override
    public boolean needsVisibleOne() {
        return true;
    }

    /** Linux takes no options here, and ignores what it is given. */
    @Override
    public Filesystem mount(CallContext context, String source, int flags, String data) {
        return mount();
    }

    /** Makes an instance without a caller, for the sandbox's set-up. */
    public SysFilesystem mount() {
        return new SysFilesystem(machine, kernel.clocks().realtimeNanos());
    }
}
