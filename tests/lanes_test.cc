#include "hocket/testing/lanes.h"

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>

#include "gtest/gtest.h"
#include "hocket/testing/trace.h"

namespace hocket::testing {
namespace {

using std::chrono_literals::operator""ms;
using std::chrono_literals::operator""s;

// A trace written down event by event.
class Story {
 public:
  using Kind = TraceEvent::Kind;

  Story& In(const std::string& file) {
    file_ = file;
    return *this;
  }
  Story& Spawn(const std::string& path, const std::string& function = "") {
    Add(Kind::kSpawn, static_cast<std::uint32_t>(trace_.tasks.size()));
    trace_.tasks.push_back(path);
    trace_.functions.push_back(function);
    return *this;
  }
  Story& Step(std::uint32_t task) {
    Add(Kind::kStep, task);
    return *this;
  }
  Story& Park(std::uint32_t task, const std::string& operation, std::uint32_t line) {
    TraceEvent& event = Add(Kind::kPark, task, operation);
    event.file = file_;
    event.line = line;
    return *this;
  }
  Story& Cancel(std::uint32_t task) {
    Add(Kind::kCancel, task);
    return *this;
  }
  Story& Exit(std::uint32_t task, const std::string& failure = "") {
    Add(Kind::kExit, task, failure);
    return *this;
  }
  Story& Jump(Duration duration) {
    now_ += duration;
    Add(Kind::kJump, 0);
    return *this;
  }
  Story& Draw(const std::string& label, std::uint32_t value) {
    Add(Kind::kDraw, 0, label).value = value;
    return *this;
  }

  // The step that was added last deviates from the base.
  Story& Marked() {
    options_.marked.push_back(trace_.events.size() - 1);
    return *this;
  }
  Story& Wide(std::size_t width) {
    options_.width = width;
    return *this;
  }
  Story& Coloured() {
    options_.colour = true;
    return *this;
  }

  // Begins with an empty line, as the raw strings below do.
  std::string Lanes() const { return "\n" + RenderLanes(trace_, options_); }

 private:
  TraceEvent& Add(Kind kind, std::uint32_t task, const std::string& text = "") {
    TraceEvent& event = trace_.events.emplace_back();
    event.kind = kind;
    event.task = task;
    event.text = text;
    event.time = now_;
    return event;
  }

  Trace trace_;
  LaneOptions options_;
  std::string file_ = "/src/bank_test.cc";
  Time now_{};
};

// The main task starts `children` of them and waits for them: row 1.
Story Nursery(std::size_t children, const std::string& function) {
  Story story;
  story.Spawn("main").Step(0);
  for (std::size_t i = 0; i < children; ++i) story.Spawn("main/" + std::to_string(i), function);
  story.Park(0, "Nursery.Exit", 9);
  return story;
}

Story Bank() {
  Story story;
  story.Spawn("main").Step(0).Spawn("main/0", "Transfer").Spawn("main/1", "Audit").Park(0, "Nursery.Exit", 9);
  story.Step(1).Park(1, "Checkpoint", 3);
  story.Step(2).Marked().Park(2, "Checkpoint", 8);
  story.Step(2).Exit(2);
  story.Step(1).Exit(1);
  story.Step(0).Exit(0);
  return story;
}

// What holds for every text.
bool IsTidy(const std::string& text, std::size_t width) {
  std::size_t start = 0;
  for (std::size_t end; (end = text.find('\n', start)) != std::string::npos; start = end + 1) {
    if (end - start > width) return false;
    if (end > start && text[end - 1] == ' ') return false;
    for (std::size_t i = start; i < end; ++i) {
      if (text[i] < ' ' || text[i] > '~') return false;
    }
  }
  return start == text.size();
}

// The example of lanes.h.
TEST(Lanes, ShowOneColumnATaskAndOneRowAStep) {
  EXPECT_EQ(Bank().Lanes(), R"(
in bank_test.cc:
     main                   main/0 Transfer  main/1 Audit
  1  starts main/0, main/1
     waits Nursery.Exit :9
  2  |                      Checkpoint :3    |
> 3  |                      |                Checkpoint :8
  4  |                      |                ends
  5  |                      ends
  6  ends
> runs here instead of what the base schedule would run
)");
}

TEST(Lanes, LeaveTheLegendOutWithoutMarks) {
  Story story;
  story.Spawn("main").Step(0).Exit(0);
  EXPECT_EQ(story.Lanes(), R"(
     main
  1  ends
)");
}

TEST(Lanes, SayThatNothingHappened) { EXPECT_EQ(RenderLanes(Trace{}, {}), "nothing happened\n"); }

TEST(Lanes, ShowWhatHappensBeforeTheFirstStep) {
  Story story;
  story.Spawn("main").Draw("size", 3).Exit(0, "std::bad_alloc: std::bad_alloc");
  EXPECT_EQ(story.Lanes(), R"(
    main
    draws size=3
    fails: std::bad_alloc: std::bad_alloc
)");
}

TEST(Lanes, ShowAStepThatNeverEnded) {
  Story story = Nursery(1, "Crash");
  story.Step(1).Draw("retry", 1);
  EXPECT_EQ(story.Lanes(), R"(
in bank_test.cc:
     main                   main/0 Crash
  1  starts main/0
     waits Nursery.Exit :9
  2  |                      draws retry=1
     |                      still runs
)");
}

TEST(Lanes, NameTheFileWithEachLineWhereFilesDiffer) {
  Story story = Nursery(1, "Ping");
  story.In("/src/net/ping.cc").Step(1).Park(1, "Checkpoint", 4).Step(1).Exit(1).Step(0).Exit(0);
  EXPECT_EQ(story.Lanes(), R"(
     main                               main/0 Ping
  1  starts main/0
     waits Nursery.Exit bank_test.cc:9
  2  |                                  Checkpoint ping.cc:4
  3  |                                  ends
  4  ends
)");
}

TEST(Lanes, LeaveOutPlacesThatAreNotKnown) {
  Story story;
  story.In("").Spawn("main").Step(0).Park(0, "Checkpoint", 0);
  EXPECT_EQ(story.Lanes(), R"(
     main
  1  Checkpoint
)");
}

TEST(Lanes, ShowDrawsBeforeTheEndOfTheirStep) {
  Story story = Nursery(1, "Client");
  story.Step(1).Draw("retry", 1).Draw("backoff", 30).Park(1, "Checkpoint", 4);
  EXPECT_EQ(story.Lanes(), R"(
in bank_test.cc:
     main                   main/0 Client
  1  starts main/0
     waits Nursery.Exit :9
  2  |                      draws retry=1
     |                      draws backoff=30
     |                      Checkpoint :4
)");
}

TEST(Lanes, ShowACancellationInTheColumnOfTheTaskItReaches) {
  Story story = Nursery(3, "Client");
  story.Step(1).Park(1, "Event.Wait", 4).Step(2).Park(2, "Checkpoint", 6);
  story.Step(3).Exit(3, "std::runtime_error: boom").Cancel(1);
  story.Step(2).Cancel(2).Park(2, "Cancelled", 6);
  story.Step(1).Exit(1, "cancelled").Step(2).Exit(2, "cancelled");
  story.Step(0).Exit(
      0, "hocket::ExceptionGroup: Exceptions from a nursery\n  [0] std::runtime_error: boom\n  [1] cancelled");
  EXPECT_EQ(story.Lanes(), R"(
in bank_test.cc:
     main                          main/0 Client        main/1 Client   main/2 Client
  1  starts main/0, main/1,
       main/2
     waits Nursery.Exit :9
  2  |                             waits Event.Wait :4  |               |
  3  |                             |                    Checkpoint :6   |
  4  |                             cancelled            |               fails: std::runtime_error:
     |                             |                    |                 boom
  5  |                             |                    cancelled :6
  6  |                             ends cancelled       |
  7  |                                                  ends cancelled
  8  fails:
       hocket::ExceptionGroup:
       Exceptions from a nursery
       ...
)");
}

TEST(Lanes, CutLongFailures) {
  Story story;
  story.Spawn("main").Step(0).Exit(0, "std::runtime_error: " + std::string(500, 'x'));
  EXPECT_EQ(story.Lanes(), R"(
     main
  1  fails: std::runtime_error: xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx...
)");
}

TEST(Lanes, ShowAJumpAcrossTheLanesAndTheTimeWhereItChanges) {
  Story story = Nursery(2, "Poll");
  story.Step(1).Park(1, "Sleep", 3).Step(2).Park(2, "Sleep", 5);
  story.Jump(5s).Step(1).Park(1, "Checkpoint", 4);
  story.Jump(250ms).Marked().Cancel(1).Step(2).Exit(2);
  EXPECT_EQ(story.Lanes(), R"(
in bank_test.cc:
            main                   main/0 Poll     main/1 Poll
  1         starts main/0, main/1
            waits Nursery.Exit :9
  2         |                      waits Sleep :3  |
  3         |                      |               waits Sleep :5
  4  5s     -- 5s passes ----------------------------------------
  5         |                      Checkpoint :4   |
> 6  5.25s  -- 250ms passes -------------------------------------
            |                      cancelled       |
  7         |                      |               ends
> runs here instead of what the base schedule would run
)");
}

TEST(Lanes, FoldLongRunsOfOneTask) {
  Story story = Nursery(2, "Spin");
  for (std::uint32_t i = 0; i < 9; ++i) story.Step(1).Park(1, "Checkpoint", 10 + i);
  story.Step(2).Exit(2);
  for (std::uint32_t i = 0; i < 8; ++i) story.Step(1).Park(1, "Checkpoint", 10 + i);
  EXPECT_EQ(story.Lanes(), R"(
in bank_test.cc:
      main                   main/0 Spin       main/1 Spin
   1  starts main/0, main/1
      waits Nursery.Exit :9
   2  |                      Checkpoint :10    |
   3  |                      Checkpoint :11    |
   4  |                      Checkpoint :12    |
      |                      ... 5 more steps  |
  10  |                      Checkpoint :18    |
  11  |                      |                 ends
  12  |                      Checkpoint :10
  13  |                      Checkpoint :11
  14  |                      Checkpoint :12
  15  |                      Checkpoint :13
  16  |                      Checkpoint :14
  17  |                      Checkpoint :15
  18  |                      Checkpoint :16
  19  |                      Checkpoint :17
)");
}

TEST(Lanes, FoldNothingThatDeservesAttention) {
  Story story;
  story.Spawn("main").In("");
  for (std::uint32_t i = 0; i < 12; ++i) {
    story.Step(0);
    if (i == 4) story.Marked();
    if (i == 8) story.Draw("retry", 1);
    story.Park(0, "Checkpoint", 0);
  }
  EXPECT_EQ(story.Lanes(), R"(
      main
   1  Checkpoint
   2  Checkpoint
   3  Checkpoint
   4  Checkpoint
>  5  Checkpoint
   6  Checkpoint
   7  Checkpoint
   8  Checkpoint
   9  draws retry=1
      Checkpoint
  10  Checkpoint
  11  Checkpoint
  12  Checkpoint
> runs here instead of what the base schedule would run
)");
}

// Two tasks that hand something to each other for ever.
TEST(Lanes, FoldRowsThatGoRoundInCircles) {
  Story story = Nursery(2, "");
  for (int i = 0; i < 1000; ++i) {
    story.Step(1).Park(1, "Event.Wait", 3).Step(2).Park(2, "Event.Wait", 4);
    if (i % 2 == 0) story.Jump(1s);
  }
  EXPECT_EQ(story.Lanes(), R"(
in bank_test.cc:
               main                   main/0               main/1
     1         starts main/0, main/1
               waits Nursery.Exit :9
     2         |                      waits Event.Wait :3  |
     3         |                      |                    waits Event.Wait :4
     4  1s     -- 1s passes --------------------------------------------------
     5         |                      waits Event.Wait :3  |
     6         |                      |                    waits Event.Wait :4
               -- these 5 rows 498 times more --------------------------------
  2497         |                      waits Event.Wait :3  |
  2498         |                      |                    waits Event.Wait :4
  2499  8m20s  -- 1s passes --------------------------------------------------
  2500         |                      waits Event.Wait :3  |
  2501         |                      |                    waits Event.Wait :4
)");
}

TEST(Lanes, LeaveOutTheMiddleOfWhatIsStillTooLong) {
  Story story = Nursery(2, "");
  // No two rows are alike.
  for (std::uint32_t i = 0; i < 5000; ++i) {
    story.Step(1 + i % 2);
    if (i == 2500) story.Marked();
    story.Park(1 + i % 2, "Checkpoint", 100 + i);
  }
  const std::string lanes = story.Lanes();
  EXPECT_LT(std::count(lanes.begin(), lanes.end(), '\n'), 500);
  EXPECT_NE(lanes.find(":100 "), std::string::npos) << lanes;
  EXPECT_NE(lanes.find(" 2298 rows are not shown"), std::string::npos) << lanes;
  EXPECT_NE(lanes.find("\n> 2502  "), std::string::npos) << lanes;
  EXPECT_NE(lanes.find(" 2296 rows are not shown"), std::string::npos) << lanes;
  EXPECT_NE(lanes.find(":5099\n"), std::string::npos) << lanes;
}

TEST(Lanes, ShrinkToFit) {
  Story story = Nursery(4, "Worker");
  story.Step(1)
      .Exit(1)
      .Step(2)
      .Park(2, "Checkpoint", 4)
      .Step(3)
      .Exit(3, "std::runtime_error: the connection was reset by the peer");
  EXPECT_EQ(story.Lanes(), R"(
in bank_test.cc:
     main                      main/0 Worker  main/1 Worker  main/2 Worker             main/3 Worker
  1  starts main/0, main/1,
       main/2, main/3
     waits Nursery.Exit :9
  2  |                         ends           |              |                         |
  3  |                                        Checkpoint :4  |                         |
  4  |                                        |              fails:                    |
     |                                        |                std::runtime_error:     |
     |                                        |                the connection was      |
     |                                        |                reset by the peer       |
)");
}

TEST(Lanes, BecomeAListWhenTheyAreTooMany) {
  Story story = Nursery(12, "Worker");
  story.Step(3).Draw("retry", 1).Park(3, "Checkpoint", 4);
  story.Step(12).Marked().Exit(12, "std::runtime_error: boom").Cancel(3);
  story.Jump(5s).Cancel(4).Step(1).Exit(1);
  EXPECT_EQ(story.Lanes(), R"(
in bank_test.cc:
13 tasks are too many for lanes, so each row names its task:
         task            step
  1      main            starts 12 tasks, main/0 ... main/11
                         waits Nursery.Exit :9
  2      main/2 Worker   draws retry=1, Checkpoint :4
> 3      main/11 Worker  fails: std::runtime_error: boom
         main/2 Worker   cancelled
  4  5s  -- 5s passes --------------------------------------
         main/3 Worker   cancelled
  5      main/0 Worker   ends
> runs here instead of what the base schedule would run
)");
}

TEST(Lanes, WrapLongNames) {
  Story story;
  story.Spawn("main/connection.0/reader.0/decoder.0",
              "bank::network::protocol::DecodeTheNextMessageOf<std::string, int>");
  story.Spawn("main/" + std::string(200, 'n')).Wide(60);
  story.Step(0).Park(0, "RateLimitedBroadcastChannel.SendToEveryReceiver", 1234);
  EXPECT_EQ(story.Lanes(), R"(
in bank_test.cc:
     main/connection.0/reader.0  main/nnnnnnnnnnnnnnnnnnnnnn
       /decoder.0                  nnnnnnnnnnnnnnnnnnnnnnnnn
       bank::network::protocol:    nnnnn...
       :DecodeTheNextMessageOf<
       std::stri...
  1  waits                       |
       RateLimitedBroadcastChan  |
       nel.SendToEveryReceiver   |
       :1234                     |
)");
}

TEST(Lanes, AreAsciiWhateverNamesAre) {
  Story story;
  story.In("/src/b\xC3\xA4nk.cc")
      .Spawn("main/\xC3\xA4.0", "\x1b[31mF")
      .Step(0)
      .Draw("a\tb", 1)
      .Park(0, "Checkpoint", 4);
  EXPECT_EQ(story.Lanes(), R"(
in b??nk.cc:
     main/??.0 ?[31mF
  1  draws a?b=1
     Checkpoint :4
)");
}

TEST(Lanes, ColourDecidingStepsAndJumpsOnly) {
  Story story;
  story.In("").Spawn("main").Step(0).Park(0, "Sleep", 0).Jump(5s).Step(0).Marked().Exit(0);
  EXPECT_EQ(story.Coloured().Lanes(),
            "\n"
            "         main\n"
            "  1      waits Sleep\n"
            "\x1b[2m  2  5s  -- 5s passes --\x1b[0m\n"
            "\x1b[1m> 3      ends\x1b[0m\n"
            "> runs here instead of what the base schedule would run\n");
}

TEST(LanesDeathTest, RequireTheTasksThatEventsName) {
  Trace trace;
  trace.tasks = {"main"};
  trace.events.emplace_back().task = 3;
  EXPECT_DEATH(RenderLanes(trace, {}), "an event names task 3, which Trace::tasks does not have");
}

TEST(Lanes, KeepToTheWidth) {
  for (std::size_t tasks = 0; tasks < 20; ++tasks) {
    Story story = Nursery(tasks, "bank::TransferBetweenTheAccountsOf<Customer>");
    for (std::uint32_t i = 1; i <= tasks; ++i)
      story.Step(i).Draw("retry", i).Park(i, "RateLimitedChannel.Send", 1000 + i);
    story.Jump(1500ms).Step(0).Exit(0, "std::runtime_error: " + std::string(90, 'x'));
    for (const std::size_t width : {80, 100, 132})
      EXPECT_TRUE(IsTidy(story.Wide(width).Lanes(), width)) << story.Lanes();
  }
}

}  // namespace
}  // namespace hocket::testing
