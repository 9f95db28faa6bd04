---@meta partylua.testing

--- Rooms in a spec, as `require "partylua.testing"` gives them: see docs/testing.md. What `require
--- "partylua"` gives is there too.
---@class partylua.testing : partylua
local testing = {}

---@class partylua.testing.Options
---@field env? table<string, any>    room.env, over the "vars" of the configuration
---@field now? number    milliseconds since 1970 at the beginning; 2026-01-01 if left out
---@field seed? integer    of ids and random numbers; 1 if left out
---@field parties? table<string, string|table>    further parties, by name: files or classes
---@field crons? table<string, string>    expressions by name
---@field limits? table<string, number|string>    `{ room_idle = 5, message_bytes = 1024 }`
---@field ai? fun(model: string, inputs: table, options?: table): any    answers context.ai
---@field vectorize? table<string, table>    indexes of context.vectorize, by name
---@field fetch? fun(request: partylua.Request): partylua.Response    answers party.fetch
---@field strictAlarms? boolean    onAlarm knows no room.id; true if left out
---@field real? boolean    over sockets of this machine, and a store that waits for its disk

--- Loads an app and starts it, in memory and with a clock of its own. One app runs at a time: the
--- one before is ended.
---@param source string|table    a file (of Lua or TypeScript), a partylua.json, or a class
---@param options? partylua.testing.Options
---@return partylua.testing.App
function testing.app(source, options) end

--- Does random things to an app and looks whether what was promised holds; raises when not.
---@param source string|table    as of party.app
---@param options partylua.testing.FuzzOptions
---@return partylua.testing.FuzzResult
function testing.fuzz(source, options) end

---@class partylua.testing.App
local App = {}

--- Ends the app. Raises when a hook has raised and nobody has looked.
function App:stop() end

--- Stops the server in order and starts it again: clients are closed with 1012, hooks end, what was
--- stored stays, and code is loaded anew.
function App:restart() end

--- Kills the server and starts it again: no hook hears of it, and only what was durable is left.
function App:crash() end

--- A room. It is not started until something reaches it.
---@param id string
---@param party? string    "main" if left out
---@return partylua.testing.Room
function App:room(id, party) end

--- Connects a client to a URL of no party, for onSocket.
---@param path string
---@param options? partylua.testing.ConnectOptions
---@return partylua.testing.Client
function App:connect(path, options) end

--- Sends a request to a URL, as `/index.html` or with a host.
---@param url string
---@param init? partylua.RequestInit
---@return partylua.testing.Answer
function App:fetch(url, init) end

--- Lets time pass. What is due meanwhile (timers, alarms, crons) happens in order.
---@param seconds number
function App:advance(seconds) end

--- The machine's clock is set, forward or back; timers go on as before.
---@param seconds number
function App:jumpClock(seconds) end

---@return number    milliseconds since 1970
function App:now() end

--- Runs a cron now, whatever its schedule says.
---@param name string
function App:cron(name) end

--- Lets everything that `fn` does reach the server in one turn.
---@param fn fun()
function App:together(fn) end

--- Makes the next commits fail: their rooms start anew, clients are closed with 1011.
---@param count? integer|boolean    1 if left out; true for all from now on, false for none
---@param options? { kept?: boolean }    what is reported as failed is on the disk all the same
function App:failCommits(count, options) end

--- Makes each commit take some time; what depends on it waits.
---@param seconds number    math.huge: until another time is set
function App:slowCommits(seconds) end

--- What hooks have raised since the last call.
---@return partylua.testing.Error[]
function App:takeErrors() end

---@return string[]    the lines that were logged so far, oldest first
function App:log() end

--- What code of an app has raised. As a string it is place and message: `chat.lua:24: boom`.
---@class partylua.testing.Error
---@field message string
---@field place string    `chat.lua:24`, or empty
---@field source string    that line
---@field stack string
---@field hook string    "onMessage", "party.after"
---@field party? string
---@field room? string

---@class partylua.testing.Room
---@field id string    as it stands in the URL
---@field party string
local Room = {}

---@return string    of its URL
function Room:path() end

---@class partylua.testing.ConnectOptions
---@field id? string|false    of the connection; a random one if left out, the server's if false
---@field query? string|table<string, string|number|boolean>
---@field headers? partylua.HeadersInit
---@field protocol? string|string[]    the sub-protocols that the browser would take
---@field path? string    behind the room's own

--- Connects a client. It is open when this returns, unless a hook has refused it or waits.
---@param options? partylua.testing.ConnectOptions
---@return partylua.testing.Client
function Room:connect(options) end

--- Sends a request to the room; `path` stands behind the room's own.
---@param path? string
---@param init? partylua.RequestInit
---@return partylua.testing.Answer
function Room:fetch(path, init) end

--- What is stored under a key, or all of it by key: what a crash would leave.
---@param key? string
---@return any
function Room:storage(key) end

---@return number?    when its alarm is due, in milliseconds since 1970
function Room:alarm() end

--- Its open connections, as hooks have them.
---@param tag? string
---@return partylua.Connection[]
function Room:connections(tag) end

---@return table?    the object of its class; nil while the room is not in memory
function Room:instance() end

--- Lets the room leave memory at once, or sleep when it hibernates; raises when something holds it.
function Room:hibernate() end

---@class partylua.testing.Closed
---@field code integer
---@field reason string
---@field wasClean boolean

---@class partylua.testing.Client
---@field id? string
---@field inbox (string|partylua.Binary)[]    messages that were not taken yet
---@field closed? partylua.testing.Closed    once it is closed
---@field rejected? partylua.testing.Answer    when the upgrade was answered with a Response
---@field state "connecting"|"open"|"closed"|"rejected"
---@field protocol string    the sub-protocol in use, or empty
local Client = {}

---@return string    how messages name it
function Client:name() end

--- Takes the oldest message; nil when there is none.
---@return string|partylua.Binary|nil
function Client:receive() end

--- The same for a message of JSON.
---@return any
function Client:receiveJson() end

---@param message string|partylua.Binary
function Client:send(message) end

---@param bytes string
function Client:sendBinary(bytes) end

---@param value any
function Client:sendJson(value) end

---@param code? integer    1000, or 3000 to 4999
---@param reason? string
function Client:close(code, reason) end

--- Its network is gone.
function Client:drop() end

--- What came of a request, or what there is of it so far.
---@class partylua.testing.Answer
---@field status integer?    nil while nothing was answered
---@field statusText string
---@field headers partylua.Headers
---@field body string    as far as it has come
---@field ok boolean    whether the status is from 200 to 299
---@field pending boolean    some of it is still to come: a hook waits
---@field broken boolean    it broke off before its end
local Answer = {}

--- The body as a value.
---@return any
function Answer:json() end

---@return string    the body
function Answer:text() end

--- `random(m, n)` is as math.random.
---@class partylua.testing.Random
---@overload fun(m?: integer, n?: integer): number
local Random = {}

--- One of a list.
---@generic T
---@param list T[]
---@return T
function Random:pick(list) end

--- One of some names, each as often as its number says.
---@param weights { [1]: string, [2]: number }[]
---@return string
function Random:weigh(weights) end

---@class partylua.testing.World
---@field app partylua.testing.App
---@field clients table<string, partylua.testing.Client>    by name: "c1"
---@field rooms table<string, string>    the room that each client is in, or was last
---@field ids string[]    the names of all clients
---@field model any    what the option `model` has made
---@field options partylua.testing.FuzzOptions

---@alias partylua.testing.MakeMessage
---| fun(random: partylua.testing.Random, client: string, world: partylua.testing.World): any

---@alias partylua.testing.MakeOptions
---| fun(random: partylua.testing.Random, client: string, world: partylua.testing.World): table?

---@alias partylua.testing.MakeRequest
---| fun(random: partylua.testing.Random, room: string, world: partylua.testing.World): string?

---@alias partylua.testing.HearMessage
---| fun(world: partylua.testing.World, client: string, message: any)

---@alias partylua.testing.HearClose
---| fun(world: partylua.testing.World, client: string, closed: partylua.testing.Closed)

---@class partylua.testing.FuzzOptions
---@field clients? integer    3 if left out
---@field steps? integer    500 if left out
---@field seed? integer    any if left out
---@field runs? integer    so many seeds, from `seed` on; 1 if left out
---@field rooms? string[]    ids of rooms of the main party; { "lobby" } if left out
---@field message? partylua.testing.MakeMessage    what a client sends; a table goes as JSON
---@field connect? partylua.testing.MakeOptions    of room:connect
---@field request? partylua.testing.MakeRequest    path and init of a request to the room
---@field actions? table<string, fun(world: partylua.testing.World, argument: integer)>
---@field weights? table<string, number>    how often each is done: `{ crash = 0 }`
---@field model? fun(): any    `world.model` of each run
---@field sent? partylua.testing.HearMessage
---@field received? partylua.testing.HearMessage    decoded when it is JSON
---@field closed? partylua.testing.HearClose
---@field answered? fun(world: partylua.testing.World, step: table, answer: partylua.testing.Answer)
---@field invariants? table<string, fun(world: partylua.testing.World)>    asked after each step
---@field atRest? table<string, fun(world: partylua.testing.World)>    asked at the end
---@field mayRaise? boolean    an error of a hook is no failure
---@field app? partylua.testing.Options
---@field shrinkSeconds? number    10 if left out

---@class partylua.testing.FuzzResult
---@field seed integer    of the first run
---@field steps integer    that were done in all
---@field counts table<string, integer>    how often each was done

return testing
