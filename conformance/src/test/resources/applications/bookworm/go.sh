# go build, and the built program: goroutines, channels, files, a process, a server.
cd /tmp
export GO111MODULE=off GOFLAGS=-p=2 CGO_ENABLED=0
cat >work.go <<'G'
package main

import (
    "fmt"
    "io"
    "net/http"
    "net/http/httptest"
    "os"
    "os/exec"
    "sync"
    "time"
)

func main() {
    var wait sync.WaitGroup
    squares := make(chan int, 10)
    for i := 0; i < 100; i++ {
        wait.Add(1)
        go func(i int) {
            defer wait.Done()
            time.Sleep(time.Millisecond)
            squares <- i * i
        }(i)
    }
    go func() { wait.Wait(); close(squares) }()
    sum := 0
    for s := range squares {
        sum += s
    }
    fmt.Println(sum)
    os.WriteFile("out", []byte("data"), 0600)
    data, err := os.ReadFile("out")
    fmt.Println(string(data), err)
    _, err = os.ReadFile("missing")
    fmt.Println(err)
    output, err := exec.Command("sh", "-c", "echo child; exit 3").Output()
    fmt.Print(string(output), err, "\n")
    server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
        fmt.Fprint(w, "hello ", r.URL.Path)
    }))
    for i := 0; i < 20; i++ {
        wait.Add(1)
        go func() {
            defer wait.Done()
            r, err := http.Get(server.URL + "/x")
            if err != nil {
                fmt.Println(err)
                return
            }
            defer r.Body.Close()
            if b, _ := io.ReadAll(r.Body); string(b) != "hello /x" {
                fmt.Println(string(b))
            }
        }()
    }
    wait.Wait()
    server.Close()
    fmt.Println("done")
}
G
go version
go build -o work work.go && ./work
