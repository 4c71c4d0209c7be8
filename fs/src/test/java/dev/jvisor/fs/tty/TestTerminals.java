// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.fs.tty;

import dev.jvisor.fs.testing.TestContext;
import dev.jvisor.fs.vfs.FileDescription;
import dev.jvisor.fs.vfs.Vfs;
import dev.jvisor.platform.abi.Errno;
import dev.jvisor.platform.abi.ErrnoException;
import dev.jvisor.platform.abi.Fcntl;

import java.io.ByteArrayOutputStream;

/** Opens pseudo-terminals of a devpts at /pts. */
final class TestTerminals {

    private TestTerminals() {}

    /** Mounts a devpts and opens a master, unlocked. */
    static PtyMaster open(TestContext context) throws ErrnoException {
        mount(context, "mode=620,ptmxmode=666");
        return openMaster(context);
    }

    static void mount(TestContext context, String options) throws ErrnoException {
        Vfs.mkdir(context, null, "/pts", 0755);
        context.fs()
                .mounts()
                .mount(
                        Devpts.create(context, options),
                        Vfs.resolve(context, null, "/pts", 0),
                        0,
                        "devpts");
    }

    static PtyMaster openMaster(TestContext context) throws ErrnoException {
        int flags = Fcntl.O_RDWR | Fcntl.O_NOCTTY;
        PtyMaster master = (PtyMaster) Vfs.open(context, null, "/pts/ptmx", flags, 0, 0);
        master.pty().setLocked(false);
        return master;
    }

    static FileDescription openSlave(TestContext context, PtyMaster master, int flags)
            throws ErrnoException {
        return Vfs.open(context, null, "/pts/" + master.pty().index(), flags, 0, 0);
    }

    /** All that a master shows now. */
    static byte[] drain(Pty pty) throws ErrnoException {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        byte[] bytes = new byte[1024];
        for (; ; ) {
            try {
                all.write(bytes, 0, pty.masterRead(bytes, 0, bytes.length));
            } catch (ErrnoException e) {
                if (e.errno == Errno.EAGAIN) {
                    return all.toByteArray();
                }
                throw e;
            }
        }
    }
}
