// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.kernel.loader;

import dev.jvisor.fs.vfs.FileDescription;
import dev.jvisor.fs.vfs.Vfs;
import dev.jvisor.kernel.task.Task;
import dev.jvisor.platform.abi.Errno;
import dev.jvisor.platform.abi.ErrnoException;
import dev.jvisor.platform.abi.Resource;

import org.jspecify.annotations.Nullable;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * The part of execve(2) that understands files: follows {@code #!} lines to an ELF program, finds
 * its interpreter and checks both, all before anything of the caller changes.
 */
public final class ProgramLoader {

    /** Linux (fs/exec.c, exec_binprm): a script of a script … up to this many, then ELOOP. */
    private static final int SCRIPT_DEPTH_MAX = 5;

    private static final int COMM_LENGTH_MAX = 15;
    private static final byte[][] NO_ARGUMENTS = {new byte[0]};

    private ProgramLoader() {}

    /**
     * Reads and validates a program; nothing of the task changes.
     *
     * @param file from {@code Vfs.openForExec}; a reference is taken, the caller keeps its own
     * @param execName path as execve got it (AT_EXECFN, {@code #!} argument), ISO-8859-1
     * @param pathLost whether that path leads nowhere any more once the program starts: no script
     * @param arguments argv, byte strings without NUL; an empty one becomes a single empty string
     * @param environment envp
     * @throws ErrnoException E2BIG; ENOEXEC for what is no program; ELOOP for scripts too deep;
     *     ELIBBAD for a broken interpreter; EINVAL, ENOMEM, EPERM for segments that cannot be
     *     mapped; errors of opening and reading
     */
    public static Program prepare(
            Task task,
            FileDescription file,
            String execName,
            boolean pathLost,
            byte[][] arguments,
            byte[][] environment)
            throws ErrnoException {
        byte[] name = latin1(execName);
        byte[][] argv = arguments.length == 0 ? NO_ARGUMENTS : arguments;
        long stackLimit = task.limit(Resource.RLIMIT_STACK);
        InitialStack.checkSize(name, argv, environment, stackLimit);
        String comm = commName(execName);
        String path = execName;
        FileDescription current = file;
        current.retain();
        FileDescription interpreterFile = null;
        try {
            CachedFile reader = new CachedFile(task, current);
            for (int depth = 0; isScript(reader); depth++) {
                if (pathLost) {
                    throw Errno.ENOENT.exception();
                }
                if (depth == SCRIPT_DEPTH_MAX) {
                    throw Errno.ELOOP.exception();
                }
                ScriptLine line =
                        ScriptLine.parse(Arrays.copyOf(reader.head(), ScriptLine.BUFFER_SIZE));
                argv = scriptArguments(line, path, argv);
                InitialStack.checkSize(name, argv, environment, stackLimit);
                if (line.interpreter().length == 0) {
                    throw Errno.EACCES.exception(); // Linux takes it for the working directory
                }
                path = new String(line.interpreter(), StandardCharsets.ISO_8859_1);
                FileDescription next = Vfs.openForExec(task, null, path, 0);
                current.release();
                current = next;
                reader = new CachedFile(task, current);
            }
            ElfImage image = ElfImage.parse(reader, Errno.ENOEXEC);
            ElfImage interpreter = null;
            long minAddress = task.kernel().platform().minAddress();
            long maxAddress = task.kernel().platform().maxAddress();
            String interpreterPath = image.interpreter;
            if (interpreterPath != null) {
                interpreterFile = Vfs.openForExec(task, null, interpreterPath, 0);
                interpreter = parseInterpreter(task, interpreterFile);
                interpreter.checkBounds(minAddress, maxAddress);
            }
            image.checkBounds(minAddress, maxAddress);
            Program program = new Program(
                    image, current, interpreter, interpreterFile, name, comm, argv, environment);
            program.mapFiles(task);
            return program;
        } catch (ErrnoException e) {
            current.release();
            if (interpreterFile != null) {
                interpreterFile.release();
            }
            throw e;
        }
    }

    private static ElfImage parseInterpreter(Task task, FileDescription file)
            throws ErrnoException {
        CachedFile reader = new CachedFile(task, file);
        if (reader.headLength() < ElfImage.HEADER_SIZE) {
            throw Errno.EIO.exception();
        }
        return ElfImage.parse(reader, Errno.ELIBBAD);
    }

    private static boolean isScript(CachedFile reader) {
        return reader.headLength() >= 2 && ScriptLine.isScript(reader.head());
    }

    /**
     * argv of a script: interpreter, its argument, the script's path, then the old argv but the
     * first.
     */
    private static byte[][] scriptArguments(ScriptLine line, String path, byte[][] old) {
        byte @Nullable [] argument = line.argument();
        int prefix = argument == null ? 2 : 3;
        byte[][] result = new byte[prefix + old.length - 1][];
        result[0] = line.interpreter();
        if (argument != null) {
            result[1] = argument;
        }
        result[prefix - 1] = latin1(path);
        System.arraycopy(old, 1, result, prefix, old.length - 1);
        return result;
    }

    /** Last component of the path, cut to what fits (Linux: begin_new_exec, __set_task_comm). */
    private static String commName(String execName) {
        String last = execName.substring(execName.lastIndexOf('/') + 1);
        return last.length() > COMM_LENGTH_MAX ? last.substring(0, COMM_LENGTH_MAX) : last;
    }

    private static byte[] latin1(String s) {
        return s.getBytes(StandardCharsets.ISO_8859_1);
    }
}
