// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.kernel.procfs;

import dev.jvisor.fs.vfs.CallContext;
import dev.jvisor.kernel.task.Scheduling;
import dev.jvisor.kernel.task.Task;
import dev.jvisor.platform.abi.Capabilities;
import dev.jvisor.platform.abi.Errno;
import dev.jvisor.platform.abi.ErrnoException;

import java.nio.charset.StandardCharsets;

/** What happens when a text of a process is written. */
final class ProcessStore {

    private static final int OOM_ADJUST_MAX = 1000;
    private static final int OOM_ADJUST_OLD_MAX = 15;
    private static final int OOM_DISABLE_OLD = -17;

    private ProcessStore() {}

    static void store(
            String name, CallContext context, Task task, byte[] data, int length, long offset)
            throws ErrnoException {
        String text = new String(data, 0, length, StandardCharsets.ISO_8859_1);
        switch (name) {
            case "comm" -> storeComm(context, task, text);
            case "oom_score_adj" -> {
                long value = Numbers.parse(text);
                if (value < -OOM_ADJUST_MAX || value > OOM_ADJUST_MAX) {
                    throw Errno.EINVAL.exception();
                }
                storeOomAdjust(context, task, (int) value);
            }
            case "oom_adj" -> {
                long value = Numbers.parse(text);
                if (value < OOM_DISABLE_OLD || value > OOM_ADJUST_OLD_MAX) {
                    throw Errno.EINVAL.exception();
                }
                storeOomAdjust(
                        context,
                        task,
                        value == OOM_ADJUST_OLD_MAX
                                ? OOM_ADJUST_MAX
                                : (int) value * OOM_ADJUST_MAX / -OOM_DISABLE_OLD);
            }
            case "coredump_filter" ->
                task.threadGroup().setCoredumpFilter((int) Numbers.parse(text));
            case "timerslack_ns" -> {
                if (context != task && !context.credentials().has(Capabilities.CAP_SYS_NICE)) {
                    throw Errno.EPERM.exception();
                }
                long nanos = Numbers.parse(text);
                task.scheduling()
                        .setTimerSlackNanos(nanos == 0 ? Scheduling.TIMER_SLACK_NANOS : nanos);
            }
            case "clear_refs" -> {
                long what = Numbers.parse(text);
                if (what < 1 || what > 5) {
                    throw Errno.EINVAL.exception();
                }
            }
            case "loginuid" -> {
                if (!ProcessAccess.isSelf(context, task)) {
                    throw Errno.EPERM.exception();
                }
                Numbers.parse(text); // taken, and not kept: there is no audit
            }
            case "uid_map", "gid_map" ->
                IdMapText.store(name, context, task.credentials().userNamespace(), text, offset);
            case "setgroups" ->
                IdMapText.storeSetgroups(task.credentials().userNamespace(), text, offset);
            case "projid_map" -> throw Errno.EPERM.exception(); // there are no projects
            default -> throw Errno.EINVAL.exception();
        }
    }

    private static void storeComm(CallContext context, Task task, String text)
            throws ErrnoException {
        if (!ProcessAccess.isSelf(context, task)) {
            throw Errno.EINVAL.exception();
        }
        int end = text.indexOf('\0');
        String name = end < 0 ? text : text.substring(0, end);
        task.setName(name);
    }

    private static void storeOomAdjust(CallContext context, Task task, int value)
            throws ErrnoException {
        if (value < task.threadGroup().oomScoreAdjust()
                && !context.credentials().has(Capabilities.CAP_SYS_RESOURCE)) {
            throw Errno.EACCES.exception();
        }
        task.threadGroup().setOomScoreAdjust(value);
    }
}
