// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.kernel.procfs;

import dev.jvisor.fs.vfs.CallContext;
import dev.jvisor.kernel.task.Task;
import dev.jvisor.platform.abi.Errno;
import dev.jvisor.platform.abi.ErrnoException;

import org.jspecify.annotations.Nullable;

/**
 * Mount options of proc(5).
 *
 * @param hidePid from which of the levels on processes of others are hidden
 * @param gid the group that sees all of them, as the kernel numbers it
 * @param onlyProcesses whether there is nothing but processes ({@code subset=pid})
 */
record ProcOptions(int hidePid, int gid, boolean onlyProcesses) {

    // Linux: enum proc_hidepid
    static final int HIDEPID_OFF = 0;
    static final int HIDEPID_NO_ACCESS = 1;
    static final int HIDEPID_INVISIBLE = 2;
    static final int HIDEPID_NOT_PTRACEABLE = 4;

    static final ProcOptions NONE = new ProcOptions(HIDEPID_OFF, 0, false);

    /** Parses mount(2)'s data over others. EINVAL. */
    static ProcOptions parse(@Nullable CallContext context, String data, ProcOptions before)
            throws ErrnoException {
        int hide = before.hidePid;
        int group = before.gid;
        boolean only = before.onlyProcesses;
        int start = 0;
        while (start < data.length()) {
            int end = data.indexOf(',', start);
            if (end < 0) {
                end = data.length();
            }
            String option = data.substring(start, end);
            start = end + 1;
            if (option.startsWith("hidepid=")) {
                hide = level(option.substring("hidepid=".length()));
            } else if (option.startsWith("gid=")) {
                int given = (int) Numbers.parse(option.substring("gid=".length()));
                group = context == null
                        ? given
                        : context.credentials().userNamespace().kernelGid(given);
                if (group == -1) {
                    throw Errno.EINVAL.exception();
                }
            } else if (option.equals("subset=pid")) {
                only = true;
            } else if (!option.isEmpty()) {
                throw Errno.EINVAL.exception();
            }
        }
        return new ProcOptions(hide, group, only);
    }

    private static int level(String name) throws ErrnoException {
        return switch (name) {
            case "0", "off" -> HIDEPID_OFF;
            case "1", "noaccess" -> HIDEPID_NO_ACCESS;
            case "2", "invisible" -> HIDEPID_INVISIBLE;
            case "4", "ptraceable" -> HIDEPID_NOT_PTRACEABLE;
            default -> throw Errno.EINVAL.exception();
        };
    }

    /** As /proc/mounts shows them. */
    String render() {
        String text = gid == 0 ? "" : ",gid=" + (gid & 0xffffffffL);
        text += switch (hidePid) {
            case HIDEPID_NO_ACCESS -> ",hidepid=noaccess";
            case HIDEPID_INVISIBLE -> ",hidepid=invisible";
            case HIDEPID_NOT_PTRACEABLE -> ",hidepid=ptraceable";
            default -> "";
        };
        return onlyProcesses ? text + ",subset=pid" : text;
    }

    /**
     * Whether a caller may do with a process what is hidden from a level on (Linux:
     * has_pid_permissions).
     */
    boolean allows(CallContext context, Task task, int level) {
        if (hidePid == HIDEPID_OFF || hidePid < level) {
            return true;
        }
        boolean member =
                hidePid != HIDEPID_NOT_PTRACEABLE && context.credentials().inGroup(gid);
        return member || ProcessAccess.mayRead(context, task);
    }
}
